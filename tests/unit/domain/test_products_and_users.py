import pytest

from core.domain.errors import Invalid
from core.domain.fields import Fields
from core.domain.products import Product, read_product
from core.domain.users import email_key
from tests.doubles.clock import counted_id


def test_a_product_is_read_from_its_name_and_stock() -> None:
    fields = Fields({"name": " Lamp ", "stock": 0, "color": "red"})
    product = read_product(fields, counted_id(1))
    fields.check()
    assert product == Product(counted_id(1), "Lamp", 0)
    assert product.version == 1


def test_every_fault_of_a_product_is_found() -> None:
    fields = Fields({"name": "", "stock": -1})
    read_product(fields, counted_id(1))
    with pytest.raises(Invalid) as invalid:
        fields.check()
    assert [fault.field for fault in invalid.value.faults] == ["name", "stock"]


def test_emails_that_differ_in_case_only_are_one() -> None:
    assert email_key("Ada@Example.COM") == email_key("ADA@example.com") == "ada@example.com"
