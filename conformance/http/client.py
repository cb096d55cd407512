"""Clients that hold every answer to the specification, so that no check can forget to."""

from collections import deque
from types import TracebackType
from typing import Any, Self

import httpx

from conformance.http import specification
from conformance.http.answers import Answer
from conformance.http.exact_json import to_json
from conformance.http.journal import Exchange, journal
from conformance.http.wire import SECONDS, Wire

JSON = {"Content-Type": "application/json"}


class Api:
    """A client that keeps its connections."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def request(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request as it is, and check its answer."""
        lines = [f"{name}: {value}".encode() for name, value in (headers or {}).items()]
        exchange = journal.begin(Exchange(self.url, method, path, lines, body=content or b""))
        got = self._client.request(method, path, content=content, headers=headers)
        answer = Answer(got.status_code, got.headers, got.content)
        exchange.answer = answer
        specification.check(method, path, answer)
        return answer

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Read."""
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        """Send `body` as JSON, decimals as they are."""
        return self.request("POST", path, to_json(body), JSON | (headers or {}))

    def put(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        """Likewise."""
        return self.request("PUT", path, to_json(body), JSON | (headers or {}))

    def call(self, operation_id: str, body: Any = None, **parameters: str) -> Answer:
        """Call an operation of the specification; a body of None stands for none."""
        operation = specification.OPERATIONS[operation_id]
        path = operation.path.format(**parameters)
        content = to_json(body) if operation.has_body else None
        return self.request(operation.method, path, content, JSON if operation.has_body else None)


class CheckedWire(Wire):
    """A connection by hand, whose answers are checked all the same."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        super().__init__(url, seconds)
        self._url = url
        self._begun: deque[Exchange] = deque()

    @property
    def asked(self) -> Exchange:
        """What was begun first and has no answer."""
        return self._begun[0]

    def begin(self, method: str, target: str, *headers: bytes, host: bytes = b"localhost") -> Self:
        """Send the head of a request."""
        begun = journal.begin(Exchange(self._url, method, target, headers, host))
        self._begun.append(begun)
        lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: " + host, *headers]
        super().send(b"\r\n".join(lines), b"\r\n\r\n")
        return self

    def send(self, *parts: bytes) -> None:
        """Send more of what was begun last, or what is no HTTP."""
        sent = b"".join(parts)
        if not self._begun:
            self._begun.append(journal.begin(Exchange(self._url, "", "", ())))
        self._begun[-1].body += sent
        super().send(sent)

    def answer(self, *, body: bool = True) -> Answer:
        """Read the answer to what was begun first and has none; the interim ones are the test's own matter."""
        asked = self._begun[0]
        answer = super().answer(body=body and asked.method != "HEAD")
        if answer.status >= 200:
            self._begun.popleft()
            asked.answer = answer
            if asked.method:
                specification.check(asked.method, asked.target, answer)
        return answer


def exchange(
    url: str,
    method: str,
    target: str,
    *headers: bytes,
    body: bytes = b"",
    host: bytes = b"localhost",
) -> Answer:
    """Send one request by hand, with these header lines and, where there is a body, its length."""
    length = (b"Content-Length: %d" % len(body),) if body else ()
    with CheckedWire(url) as wire:
        wire.begin(method, target, *headers, *length, host=host).send(body)
        return wire.answer()
