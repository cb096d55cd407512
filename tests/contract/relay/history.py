"""Whatever happens, in whatever order: a state machine of it, on any storage."""

from functools import partial
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.contract.relay.broker import Fate
from tests.contract.relay.process import Process
from tests.contract.relay.stage import OpenStorage, Stage

HOT_ORDERS = 4
slots = st.sampled_from([0, 1])
numbers = st.integers(0, 10)
fates = st.sampled_from(Fate)
seconds_ahead = st.sampled_from([0, 0, 0, 30, -30])

if_any_awake = precondition(lambda self: self.stage.any_awake)
if_any_frozen = precondition(lambda self: self.stage.any_frozen)
if_any_order = precondition(lambda self: self.stage.judge.written)
if_room = precondition(lambda self: len(self.stage.judge.written) < HOT_ORDERS)
if_sending = precondition(lambda self: self.stage.broker.sendings)
if_delayed = precondition(lambda self: self.stage.broker.delayed)
if_packets = precondition(lambda self: self.stage.packets)


def run_histories(
    how: settings, open_storage: OpenStorage, make_process: type[Process] = Process
) -> None:
    """Run histories, each on a storage of its own that is empty.

    Raises `AssertionError`, whose text begins with what is `Wrong`.
    """
    machine = partial(History, open_storage, make_process)
    run_state_machine_as_test(cast(type[History], machine), settings=how)


class History(RuleBasedStateMachine):
    """What happens is judged after each step, and once more when every fault has been taken away."""

    def __init__(self, open_storage: OpenStorage, make_process: type[Process]) -> None:
        super().__init__()
        self._make_stage = partial(Stage, open_storage, make_process)
        self._began = False

    @initialize(ahead=seconds_ahead, prompt=st.booleans(), slow=st.booleans())
    def begin(self, ahead: int, prompt: bool, slow: bool) -> None:
        self.stage = self._make_stage(ahead)
        self._began = True
        self.stage.broker.prompt = prompt
        for process in self.stage.processes:
            process.connection.slow = slow

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.stage.judge.check()

    def teardown(self) -> None:
        if not self._began:
            return
        try:
            if not self.stage.judge.found:
                self.stage.heal()
                self.stage.judge.check_the_end()
        finally:
            self.stage.close()

    # Work

    @if_any_awake
    @if_room
    @rule(number=numbers)
    def create(self, number: int) -> None:
        self.stage.loop.run(self.stage.pick(number).create())

    @if_any_awake
    @if_any_order
    @rule(number=numbers, which=numbers)
    def update(self, number: int, which: int) -> None:
        orders = list(self.stage.judge.written)
        self.stage.loop.run(self.stage.pick(number).update(orders[which % len(orders)]))

    @if_any_order
    @rule(which=numbers)
    def update_together(self, which: int) -> None:
        """All update one order at the same moment."""
        orders = list(self.stage.judge.written)
        for process in self.stage.processes:
            if not process.is_frozen:
                self.stage.loop.begin(process.update(orders[which % len(orders)]))
        self.stage.loop.settle()

    # The broker

    @rule()
    def answer_at_once_or_later(self) -> None:
        self.stage.broker.prompt = not self.stage.broker.prompt

    @if_sending
    @rule(number=numbers)
    def acknowledge(self, number: int) -> None:
        self.answer(number, [Fate.TAKEN])

    @if_sending
    @rule(number=numbers, fates=st.lists(fates, min_size=1, max_size=4))
    def answer(self, number: int, fates: list[Fate]) -> None:
        sendings = self.stage.broker.sendings
        self.stage.land(sendings[number % len(sendings)], fates)

    @if_delayed
    @rule()
    def arrive_late(self) -> None:
        self.stage.broker.land_late()

    # Storage

    @rule(slot=slots)
    def be_slow_or_not(self, slot: int) -> None:
        connection = self.stage.processes[slot].connection
        connection.slow = not connection.slow

    @if_packets
    @rule(number=numbers)
    def let_go(self, number: int) -> None:
        packets = self.stage.packets
        self.stage.carry([packets[number % len(packets)]], arrives=True)

    @if_packets
    @rule(number=numbers)
    def lose(self, number: int) -> None:
        self.stage.judge.fault = True
        packets = self.stage.packets
        self.stage.carry([packets[number % len(packets)]], arrives=False)

    # Processes

    @if_any_awake
    @rule(number=numbers)
    def freeze(self, number: int) -> None:
        self.stage.judge.fault = True
        self.stage.pick(number).freeze()

    @if_any_frozen
    @rule(number=numbers)
    def wake(self, number: int) -> None:
        self.stage.pick(number, frozen=True).wake()
        self.stage.loop.settle()

    @rule(slot=slots)
    def crash_and_start_anew(self, slot: int) -> None:
        self.stage.judge.fault = True
        process = self.stage.processes[slot]
        process.die()
        self.stage.replace(process)

    @if_any_awake
    @rule(number=numbers)
    def stop_and_start_anew(self, number: int) -> None:
        process = self.stage.pick(number)
        self.stage.stop(process)
        self.stage.replace(process)

    # Time

    @rule(seconds=st.sampled_from([0.1, 0.8, 2.0, 3.9, 5.0, 11.0]), fate=fates)
    def wait(self, seconds: float, fate: Fate) -> None:
        self.stage.wait(seconds, fate)
