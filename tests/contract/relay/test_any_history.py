"""Whatever happens, in whatever order: nothing is lost, nothing invented, and first deliveries stay in order."""

from secrets import token_hex

from hypothesis import HealthCheck, settings

from adapters.outbound.memory import MemoryStorageSettings
from adapters.outbound.mongo import MongoSettings
from tests.contract.relay.history import run_histories
from tests.servers import MongoServer

SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_any_history_in_memory() -> None:
    run_histories(
        settings(SETTINGS, max_examples=200, stateful_step_count=60), MemoryStorageSettings().open
    )


def test_any_history_on_mongodb(mongo_server: MongoServer) -> None:
    run_histories(
        settings(SETTINGS, max_examples=30, stateful_step_count=40),
        lambda: MongoSettings(mongo_server.uri, f"history_{token_hex(4)}").open(),
    )
