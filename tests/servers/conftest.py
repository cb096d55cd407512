import pytest

from tests.servers import kafka, mongod, redis


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about the servers that are started, whatever the others run on."""
    monkeypatch.delenv(mongod.GIVEN, raising=False)
    monkeypatch.delenv(kafka.GIVEN, raising=False)
    monkeypatch.delenv(redis.GIVEN, raising=False)
