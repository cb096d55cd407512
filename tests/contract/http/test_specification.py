"""`spec/openapi.yaml`: a document of its kind, whose every operation and status is met."""

from collections.abc import Iterator

import pytest
from openapi_spec_validator import validate

from adapters.inbound.http.bodies import Intake
from adapters.outbound.memory import MemoryStorage
from bootstrap.container import Container
from core.domain.errors import StorageUnavailable
from tests.contract.http.client import Api
from tests.contract.http.given import Shop
from tests.contract.http.recipes import RECIPES, Kitchen
from tests.contract.http.specification import DOCUMENT, OPERATIONS
from tests.harness.embedded import embedded, sabotaged


@pytest.fixture(scope="module")
def kitchen(api: Api, shop: Shop) -> Iterator[Kitchen]:
    def be_impatient(container: Container) -> None:
        container.intake.override(Intake(body_seconds=0.1))

    with (
        embedded(sabotaged(RuntimeError("E11000 at 10.0.0.1"))) as failing,
        embedded(sabotaged(StorageUnavailable("no answer"))) as unavailable,
        embedded(MemoryStorage(), be_impatient) as impatient,
        Api(failing) as failing_api,
        Api(unavailable) as unavailable_api,
        Api(impatient) as impatient_api,
    ):
        yield Kitchen(api, shop, failing_api, unavailable_api, impatient_api)


def test_the_specification_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_there_is_a_recipe_for_every_documented_status_and_no_other() -> None:
    documented = {
        (operation.id, status)
        for operation in OPERATIONS.values()
        for status in operation.statuses()
    }
    assert RECIPES.keys() == documented


@pytest.mark.parametrize(("operation_id", "status"), sorted(RECIPES))
def test_every_documented_status_is_met(kitchen: Kitchen, operation_id: str, status: int) -> None:
    assert RECIPES[operation_id, status](kitchen).status == status
