"""Products: what can be ordered. Stock is data here; reserving it is the work of services that read the events."""

from dataclasses import dataclass

from core.domain.fields import Fields
from core.domain.ids import Id

LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Product:
    """A product and the stock that was last told of it."""

    id: Id
    name: str
    stock: int
    version: int = 1


def read_product(fields: Fields, product_id: Id) -> Product:
    """Read a product's `name` and `stock`; faults stay in `fields`."""
    return Product(
        id=product_id,
        name=fields.text("name", LONGEST_NAME),
        stock=fields.integer("stock", lowest=0),
    )
