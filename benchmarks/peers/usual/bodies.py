"""What clients send: the bounds of the contract, as far as Pydantic says them."""

from decimal import Decimal
from typing import Annotated

from beanie import PydanticObjectId
from pydantic import BaseModel, Field, StringConstraints

Email = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]
Status = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Price = Annotated[Decimal, Field(ge=0, le=10**12, max_digits=34)]
Integer = Annotated[int, Field(ge=0, le=2_147_483_647, strict=True)]


class Registration(BaseModel):
    """`POST /users/register`."""

    name: Text
    email: Email
    password: Annotated[str, Field(min_length=8, max_length=1024)]
    confirm_password: str


class Login(BaseModel):
    """`POST /users/login`."""

    email: Email
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class NewProduct(BaseModel):
    """`POST /products/new`."""

    name: Text
    stock: Integer


class NewItem(BaseModel):
    """One of an order's items."""

    product_id: PydanticObjectId
    quantity: Annotated[int, Field(ge=1, le=2_147_483_647, strict=True)]


class NewOrder(BaseModel):
    """`POST /orders/new`."""

    customer_id: PydanticObjectId
    price: Price
    items: Annotated[list[NewItem], Field(min_length=1, max_length=1000)]
    status: Status


class ChangedOrder(NewOrder):
    """`PUT /orders/update`."""

    id: PydanticObjectId = Field(alias="_id")
