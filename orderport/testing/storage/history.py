"""Any history of calls: the storage answers as the one in memory does, whatever was done before."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.outbound.memory import MemoryStorage
from orderport import Feature, OrderportError, Storage
from orderport.testing.examples import new_id
from orderport.testing.storage.checks import StorageAdapter

STEPS_BETWEEN_LOOKS = 5
T = TypeVar("T")

numbers = st.integers(0, 2)
offsets = st.sampled_from([0, 0, 0, 0, 0, 1, 2, -1])
texts = st.sampled_from(["new", "é😀"])


class History(RuleBasedStateMachine):
    """The same calls on a storage and on the one in memory."""

    adapter: StorageAdapter

    def __init__(self) -> None:
        super().__init__()
        self.model: Storage = MemoryStorage()
        self.id = new_id()
        self.steps = 0

    def both(self, call: Callable[[Storage], Coroutine[Any, Any, T]]) -> None:
        """Call both, and see that they answer alike."""
        expected, answer = (
            self.adapter.run(outcome(call(storage)))
            for storage in (self.model, self.adapter.shared())
        )
        assert answer == expected

    def look(self) -> None:
        """See that all that is stored is alike."""
        raise NotImplementedError

    @invariant()
    def look_now_and_then(self) -> None:
        self.steps += 1
        if self.steps % STEPS_BETWEEN_LOOKS == 0:
            self.look()

    def teardown(self) -> None:
        """Look once more."""
        self.look()

    @precondition(lambda self: Feature.DURABLE in self.adapter.features)
    @rule()
    def open_again(self) -> None:
        self.adapter.close()


async def outcome(work: Coroutine[Any, Any, T]) -> T | type[OrderportError]:
    """Give the answer, or the kind of error that came instead."""
    try:
        return await work
    except OrderportError as error:
        return type(error)


def one_of(things: Sequence[T], number: int) -> T:
    """Give one of them, whatever the number is."""
    return things[number % len(things)]
