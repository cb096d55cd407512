"""Any history of users and products."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orderport import Product, User
from orderport.testing.examples import a_product, a_user
from orderport.testing.storage.history import History, numbers, offsets, one_of, texts
from orderport.testing.storage.views import view_of_people_and_products


class UsersAndProducts(History):
    """A few users who want the same few emails, and a few products."""

    def __init__(self) -> None:
        super().__init__()
        self.users: list[User] = []
        self.products: list[Product] = []

    def email(self, number: int, *, upper: bool) -> str:
        """Give one of a few emails, in either case."""
        email = f"{number}.{self.id}@example.com"
        return email.upper() if upper else email

    @rule(number=numbers, upper=st.booleans(), name=texts)
    def add_user(self, number: int, upper: bool, name: str) -> None:
        user = a_user(name, self.email(number, upper=upper))
        self.users.append(user)
        self.both(lambda storage: storage.users.add(user))

    @rule(who=numbers, number=numbers, upper=st.booleans(), name=texts, offset=offsets)
    def replace_user(self, who: int, number: int, upper: bool, name: str, offset: int) -> None:
        user = one_of([*self.users, a_user()], who)
        stored = self.adapter.run(self.model.users.get(user.id)) or user
        changed = replace(
            stored,
            name=name,
            email=self.email(number, upper=upper),
            version=stored.version + offset,
        )
        self.both(lambda storage: storage.users.replace(changed))

    @rule(who=numbers, known=st.booleans(), password_hash=texts)
    def rehash(self, who: int, known: bool, password_hash: str) -> None:
        user = one_of([*self.users, a_user()], who)
        stored = self.adapter.run(self.model.users.get(user.id)) or user
        verified = stored.password_hash if known else "another hash"
        self.both(lambda storage: storage.users.rehash(user.id, verified, password_hash))

    @rule(stock=numbers)
    def add_product(self, stock: int) -> None:
        product = a_product(stock=stock)
        self.products.append(product)
        self.both(lambda storage: storage.products.add(product))

    @rule(number=numbers, stock=numbers)
    def replace_product(self, number: int, stock: int) -> None:
        product = replace(one_of([*self.products, a_product()], number), stock=stock)
        self.both(lambda storage: storage.products.replace(product))

    def look(self) -> None:
        """See that users and products are alike."""
        users = [user.id for user in self.users]
        emails = [self.email(number, upper=True) for number in range(3)]
        products = [*(product.id for product in self.products), self.id]
        self.both(lambda storage: view_of_people_and_products(storage, users, emails, products))
