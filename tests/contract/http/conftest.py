"""The service under test, once for each back end that it can run on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

import pytest

from tests.contract.http.client import Api
from tests.contract.http.given import Shop, open_shop
from tests.harness.events import Service
from tests.harness.process import running

BACK_ENDS: Mapping[str, Callable[[], AbstractContextManager[Service]]] = {"memory": running}
"""Each starts a service on empty storage of its own, and ends it."""


@pytest.fixture(scope="session", params=BACK_ENDS)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that runs, and its events."""
    with BACK_ENDS[request.param]() as started:
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
