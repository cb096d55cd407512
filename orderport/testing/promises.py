"""Checks of promises: each quotes the sentences of the ports' docstrings that it holds an adapter to."""

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from orderport import Feature
from orderport.testing.adapter import Adapter

Check = TypeVar("Check", bound=Callable[..., Coroutine[Any, Any, None] | None])
QUOTES = "quotes"
"""The attribute of a check that has what it quotes."""


def promise(
    *quotes: str, needs: Feature | None = None, lacks: Feature | None = None
) -> Callable[[Check], Callable[..., None]]:
    """Make a test of a check, run on the adapter's event loop where the check is a coroutine function.

    A quote is a sentence, with `...` for what is left out of it. The check is skipped where the adapter does not
    declare the feature that it `needs`, or declares the one that it `lacks`.
    """

    def decorate(check: Check) -> Callable[..., None]:
        signature = inspect.signature(check)
        names = list(signature.parameters.values())
        takes_adapter = "adapter" in signature.parameters
        if not takes_adapter:
            names.append(inspect.Parameter("adapter", inspect.Parameter.KEYWORD_ONLY))

        @functools.wraps(check)
        def test(self: object, /, *, adapter: Adapter[Any], **given: Any) -> None:
            __tracebackhide__ = True
            if needs and needs not in adapter.features:
                pytest.skip(f"the adapter is not {needs}")
            if lacks and lacks in adapter.features:
                pytest.skip(f"the adapter is {lacks}")
            if takes_adapter:
                given["adapter"] = adapter
            try:
                work = check(self, **given)
                if work is not None:
                    adapter.run(work)
            except Exception as error:
                for quote in quotes:
                    error.add_note(f"The port says: {quote}")
                raise

        # What pytest gives: the check's own parameters, and the adapter.
        vars(test)["__signature__"] = signature.replace(parameters=names)
        vars(test)[QUOTES] = quotes
        return test

    return decorate
