"""Two processes on one storage and one broker, all of whose time is simulated, that of a real server aside."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import timedelta

from core.ports.storage import Storage
from core.use_cases import relay
from tests.contract.relay.broker import ANSWER_SECONDS, Broker, Fate, Sending
from tests.contract.relay.connection import Packet
from tests.contract.relay.judge import Judge, Wrong
from tests.contract.relay.loop import IdleLoop
from tests.contract.relay.process import Process, Shared

STORAGE_SECONDS = 5.0
HEALING_SECONDS = 40
"""What a dead process leaves is taken over within 30 s, and then has to be sent."""

OpenStorage = Callable[[], AbstractAsyncContextManager[Storage]]


class Stage:
    """`ahead` is what the second process's time of day is ahead of the true one, in seconds."""

    def __init__(self, open_storage: OpenStorage, make_process: type[Process], ahead: int) -> None:
        self.loop = IdleLoop()
        self._opened = AsyncExitStack()
        storage = self.loop.run_until_complete(self._opened.enter_async_context(open_storage()))
        self.loop.run_until_complete(storage.prepare())
        self._shared = Shared(self.loop, storage)
        self.judge.clocks_agree = ahead == 0
        self._ahead = [timedelta(), timedelta(seconds=ahead)]
        self._make_process = make_process
        self._born = 0
        self._gone: list[Process] = []
        self._bugs = Bugs(self.judge)
        relay.log.addHandler(self._bugs)
        self.processes = [self._new_process(0), self._new_process(1)]

    @property
    def judge(self) -> Judge:
        return self._shared.judge

    @property
    def broker(self) -> Broker:
        return self._shared.broker

    @property
    def packets(self) -> list[Packet]:
        """What is on its way to storage and back."""
        return self._shared.packets

    @property
    def any_frozen(self) -> bool:
        return any(process.is_frozen for process in self.processes)

    @property
    def any_awake(self) -> bool:
        return not all(process.is_frozen for process in self.processes)

    def pick(self, number: int, *, frozen: bool = False) -> Process:
        """Give one of the processes that are frozen, or are not."""
        processes = [process for process in self.processes if process.is_frozen is frozen]
        return processes[number % len(processes)]

    def replace(self, process: Process) -> None:
        """Start another one in its place."""
        slot = self.processes.index(process)
        self._gone.append(process)
        self.processes[slot] = self._new_process(slot)

    def _new_process(self, slot: int) -> Process:
        self._born += 1
        process = self._make_process(self._shared, f"process {self._born}", self._ahead[slot])
        self.loop.run(process.start())
        return process

    def land(self, sending: Sending, fates: Sequence[Fate]) -> None:
        """Answer a call of `publish`, with these fates in turn."""
        many = len(sending.events)
        self.broker.land(sending, (list(fates) * many)[:many])
        self.loop.settle()

    def carry(self, packets: Sequence[Packet], *, arrives: bool) -> None:
        """Let packets go."""
        for packet in packets:
            packet.arrives.set_result(arrives)
        self.loop.settle()

    def stop(self, process: Process) -> None:
        """Stop a process as the service does: requests have their answers first."""
        process.relay.claim_no_more()
        process.connection.slow = False
        self.loop.settle()
        while mine := [p for p in self.packets if p.connection is process.connection]:
            self.carry(mine, arrives=True)
        self.loop.run(process.relay.stop(1_000_000))

    def wait(self, seconds: float, fate: Fate) -> None:
        """Let time go by; what has had no answer for too long meets its fate, or is lost on the way to storage."""
        clock = self._shared.clock
        if self.broker.sendings or self.packets:
            self.judge.fault = True  # what takes so long lets leases run out
        left = seconds
        while left > 0:
            coming = clock.sleeping[0] if clock.sleeping else left
            step = min(max(coming, 0.0), 1.0, left)
            left = round(left - step, 6)  # the clock's own grain: a smaller rest would never pass
            for sending in list(self.broker.sendings):
                if sending.since + ANSWER_SECONDS < clock.monotonic() + step:
                    self.land(sending, [fate])
            late = clock.monotonic() + step - STORAGE_SECONDS
            self.carry([packet for packet in self.packets if packet.since < late], arrives=False)
            clock.advance(step)
            self.loop.settle()

    def heal(self) -> None:
        """Take every fault away, and give it time."""
        self.broker.prompt = True
        for process in self.processes + self._gone:
            process.connection.slow = False
            if not process.is_dead:
                process.wake()
        for _ in range(HEALING_SECONDS):
            for sending in list(self.broker.sendings):
                self.land(sending, [Fate.TAKEN])
            while self.packets:
                self.carry(self.packets[:1], arrives=True)
            self.loop.run(self.loop.outside(self._retry))
            self.wait(1.0, Fate.LOST)
        self.loop.run(self.loop.outside(self._see_that_nothing_waits))

    async def _retry(self) -> None:
        """Take up what was set aside, as an operator does."""
        backlog = self._shared.storage.backlog
        if failed := [order.order_id async for order in backlog.failed()]:
            await backlog.retry(failed, self._shared.clock.now())

    async def _see_that_nothing_waits(self) -> None:
        async for order in self._shared.storage.backlog.waiting():
            self.judge.find(Wrong.LOST, f"{order} waits for ever")

    def close(self) -> None:
        relay.log.removeHandler(self._bugs)
        self.loop.run_until_complete(self._opened.aclose())
        while tasks := asyncio.all_tasks(self.loop):  # a flight that ends begins the next one
            for task in tasks:
                task.cancel()
            self.loop.settle()
        self.loop.close()


class Bugs(logging.Handler):
    """Sees what the relay catches so as to go on, and nobody foresaw."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self._judge = judge

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self._judge.find(Wrong.A_BUG, repr(record.exc_info[1]))
