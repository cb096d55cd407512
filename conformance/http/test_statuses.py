"""Every operation answers every status that it documents, those aside that take a fault inside."""

import pytest

from conformance.http import lines
from conformance.http.client import Api
from conformance.http.given import Shop
from conformance.http.recipes import RECIPES, Kitchen

pytestmark = pytest.mark.contract(lines.PUBLISHED)


@pytest.fixture(scope="module")
def kitchen(api: Api, shop: Shop) -> Kitchen:
    return Kitchen(api, shop)


@pytest.mark.parametrize(("operation_id", "status"), sorted(RECIPES))
def test_every_documented_status_is_met(kitchen: Kitchen, operation_id: str, status: int) -> None:
    assert RECIPES[operation_id, status](kitchen).status == status
