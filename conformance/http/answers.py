"""An answer of the service, however it was fetched."""

from dataclasses import dataclass
from typing import Any

from httpx import Headers

from conformance.http.exact_json import from_json


@dataclass(frozen=True)
class Answer:
    """Status, headers and body; the rest reads the body as the published envelope."""

    status: int
    headers: Headers
    body: bytes

    @property
    def document(self) -> Any:
        """The whole body, its decimals exact."""
        return from_json(self.body)

    @property
    def data(self) -> Any:
        """What the envelope holds: the published fields, or a problem."""
        return self.document["data"]["data"]

    @property
    def code(self) -> str:
        """The code of an error, in the envelope or bare."""
        document = self.document
        problem = document["data"]["data"] if "data" in document else document
        return str(problem["code"])

    @property
    def bad_fields(self) -> list[str]:
        """The fields that an error in the envelope names, sorted; repeats are kept."""
        return sorted(error["field"] for error in self.data["errors"])
