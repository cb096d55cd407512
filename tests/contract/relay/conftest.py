import pytest

from core.use_cases import relay


@pytest.fixture(autouse=True)
def no_deadline_of_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "GIVE_UP_SECONDS", 1_000_000.0)
