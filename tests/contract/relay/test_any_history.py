"""Whatever happens, in whatever order: nothing is lost, nothing invented, and first deliveries stay in order."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from core.use_cases import relay
from tests.contract.relay.broker import ANSWER_SECONDS, Fate
from tests.contract.relay.connection import Packet
from tests.contract.relay.loop import IdleLoop
from tests.contract.relay.process import Process, Shared

STORAGE_SECONDS = 5.0
HEALING_SECONDS = 90
slots = st.sampled_from([0, 1])
numbers = st.integers(0, 10)
fates = st.sampled_from(Fate)


class History(RuleBasedStateMachine):
    """Two processes on one storage and one broker."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = IdleLoop()
        self.shared = Shared()
        self.processes: list[Process] = []
        self.gone: list[Process] = []
        self.born = 0

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.begin(work)

    @initialize()
    def begin(self) -> None:
        self.processes = [self.new_process(), self.new_process()]

    def new_process(self) -> Process:
        self.born += 1
        process = Process(self.shared, f"process {self.born}")
        self.run(process.start())
        return process

    # Work

    @rule(slot=slots)
    def create(self, slot: int) -> None:
        if not self.processes[slot].is_frozen:
            self.run(self.processes[slot].create())

    @rule(slot=slots, number=numbers)
    def update(self, slot: int, number: int) -> None:
        orders = list(self.shared.written)
        if orders and not self.processes[slot].is_frozen:
            self.run(self.processes[slot].update(orders[number % len(orders)]))

    # The broker

    @rule(prompt=st.booleans())
    def answer_at_once_or_later(self, prompt: bool) -> None:
        self.shared.broker.prompt = prompt

    @precondition(lambda self: self.shared.broker.sendings)
    @rule(number=numbers)
    def acknowledge(self, number: int) -> None:
        self.land(number, [Fate.TAKEN])

    @precondition(lambda self: self.shared.broker.sendings)
    @rule(number=numbers, fates=st.lists(fates, min_size=1, max_size=4))
    def answer(self, number: int, fates: list[Fate]) -> None:
        self.land(number, fates)

    def land(self, number: int, fates: list[Fate]) -> None:
        broker = self.shared.broker
        sending = broker.sendings[number % len(broker.sendings)]
        many = len(sending.events)
        broker.land(sending, (fates * many)[:many])
        self.loop.settle()

    @precondition(lambda self: self.shared.broker.delayed)
    @rule()
    def arrive_late(self) -> None:
        broker = self.shared.broker
        event = broker.delayed.pop(0)
        if event.version <= broker.delivered[event.order_id] + 1:
            broker.take(event)

    # Storage

    @rule(slot=slots, slow=st.booleans())
    def be_slow_or_not(self, slot: int, slow: bool) -> None:
        self.processes[slot].connection.slow = slow

    @precondition(lambda self: self.shared.packets)
    @rule(number=numbers)
    def let_go(self, number: int) -> None:
        self.carry(self.shared.packets[number % len(self.shared.packets)], arrives=True)

    @precondition(lambda self: self.shared.packets)
    @rule(number=numbers)
    def lose(self, number: int) -> None:
        self.shared.broker.fault = True
        self.carry(self.shared.packets[number % len(self.shared.packets)], arrives=False)

    def carry(self, packet: Packet, *, arrives: bool) -> None:
        """Let a packet go; the answer to a mark overtakes no answer to a write, which it would take a fault to do."""
        if packet.command == "mark" and packet.is_answer:
            for other in list(self.shared.packets):
                if other.command in ("add", "replace") and other.is_answer:
                    other.arrives.set_result(True)
            self.loop.settle()
        packet.arrives.set_result(arrives)
        self.loop.settle()

    # Processes

    @rule(slot=slots)
    def freeze(self, slot: int) -> None:
        self.shared.broker.fault = True
        self.processes[slot].freeze()

    @rule(slot=slots)
    def wake(self, slot: int) -> None:
        self.processes[slot].wake()
        self.loop.settle()

    @rule(slot=slots)
    def crash_and_start_anew(self, slot: int) -> None:
        self.shared.broker.fault = True
        self.processes[slot].die()
        self.gone.append(self.processes[slot])
        self.processes[slot] = self.new_process()

    @rule(slot=slots)
    def stop_and_start_anew(self, slot: int) -> None:
        process = self.processes[slot]
        if not process.is_frozen:
            self.gone.append(process)
            self.run(process.relay.stop(1_000_000))
            self.processes[slot] = self.new_process()

    # Time

    @rule(seconds=st.sampled_from([0.1, 0.8, 2.0, 3.9, 5.0, 11.0]), fate=fates)
    def wait(self, seconds: float, fate: Fate) -> None:
        broker, clock = self.shared.broker, self.shared.clock
        if broker.sendings or self.shared.packets:
            broker.fault = True  # what takes so long lets leases run out
        left = seconds
        while left > 0:
            coming = clock.sleeping[0] if clock.sleeping else left
            step = min(max(coming, 0.0), 1.0, left)
            left = round(left - step, 6)  # the clock's own grain: a smaller rest would never pass
            for sending in list(broker.sendings):
                if sending.since + ANSWER_SECONDS < clock.monotonic() + step:
                    broker.land(sending, [fate] * len(sending.events))
            for packet in list(self.shared.packets):
                if packet.since + STORAGE_SECONDS < clock.monotonic() + step:
                    packet.arrives.set_result(False)
            self.loop.settle()
            clock.advance(step)
            self.loop.settle()

    def teardown(self) -> None:
        try:
            if self.processes:
                self.heal()
                assert self.shared.broker.delivered == {
                    order: len(values) for order, values in self.shared.written.items()
                }
        finally:
            self.end()

    def heal(self) -> None:
        """Take every fault away, and give it time."""
        self.shared.broker.prompt = True
        for process in self.processes + self.gone:
            process.connection.slow = False
            if not process.is_dead:
                process.wake()
        for _ in range(HEALING_SECONDS):
            for sending in list(self.shared.broker.sendings):
                self.shared.broker.land(sending, [Fate.TAKEN] * len(sending.events))
            for packet in list(self.shared.packets):
                self.carry(packet, arrives=True)
            self.run(self.retry())
            self.wait(1.0, Fate.LOST)
        self.run(self.nothing_waits())

    async def retry(self) -> None:
        """Take up what was set aside, as an operator does."""
        failed = [order.order_id async for order in self.shared.storage.backlog.failed()]
        await self.shared.storage.backlog.retry(failed, self.shared.clock.now())

    async def nothing_waits(self) -> None:
        assert [order async for order in self.shared.storage.backlog.waiting()] == []

    def end(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.settle()
        self.loop.close()


@pytest.fixture(autouse=True)
def no_deadline_of_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "GIVE_UP_SECONDS", 1_000_000.0)


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=100, stateful_step_count=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
