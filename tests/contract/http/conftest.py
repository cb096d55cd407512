"""The service under test, once for each back end that it can run on."""

from collections.abc import Iterator

import pytest

from tests.contract.http.client import Api
from tests.contract.http.given import Shop, open_shop
from tests.harness.events import Service
from tests.harness.on_servers import running_on, settings_for
from tests.harness.process import running

BACK_ENDS = ("memory", "servers")


@pytest.fixture(scope="session", params=BACK_ENDS)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that runs on empty storage of its own, and its events."""
    if request.param == "memory":
        with running() as started:
            yield started
        return
    mongo = request.getfixturevalue("mongo_server")
    kafka = request.getfixturevalue("kafka_server")
    with running_on(settings_for(mongo, kafka)) as started:
        yield started


@pytest.fixture(scope="session")
def api(service: Service) -> Iterator[Api]:
    """A client of it."""
    with Api(service.url) as client:
        yield client


@pytest.fixture(scope="session")
def shop(api: Api) -> Shop:
    """Entities that exist, and that no test changes."""
    return open_shop(api)
