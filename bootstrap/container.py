"""What is made of what."""

from secrets import token_hex

from dependency_injector import containers, providers

from adapters.inbound.http.app import create_app
from adapters.inbound.http.bodies import Intake
from adapters.inbound.http.health import health_routes
from adapters.inbound.http.orders import order_routes
from adapters.inbound.http.pages import page_routes
from adapters.inbound.http.products import product_routes
from adapters.inbound.http.users import user_routes
from adapters.outbound.argon2 import Argon2Hasher
from adapters.outbound.system import SystemClock, new_id
from core.ports.events import Publisher
from core.ports.storage import Storage
from core.use_cases.health import CheckHealth
from core.use_cases.orders import GetOrder, PlaceOrder, References, UpdateOrder
from core.use_cases.products import AddProduct, GetProduct, UpdateProduct
from core.use_cases.relay import Relay
from core.use_cases.users import EditUser, GetUser, LogIn, RegisterUser

_Single = providers.Singleton


class Container(containers.DeclarativeContainer):
    """One process's parts. `storage` and `publisher` are given open, so that nothing here has to be awaited."""

    storage: providers.Dependency[Storage] = providers.Dependency()
    publisher: providers.Dependency[Publisher] = providers.Dependency()

    _users = storage.provided.users
    _products = storage.provided.products
    _orders = storage.provided.orders

    clock = _Single(SystemClock)
    _new_id = providers.Object(new_id)
    passwords = _Single(Argon2Hasher)
    intake = _Single(Intake)
    relay = _Single(Relay, storage.provided.outbox, publisher, clock, who=_Single(token_hex, 8))
    _references = _Single(References, _users, _products)

    app = _Single(
        create_app,
        providers.List(
            _Single(
                user_routes,
                intake,
                register=_Single(RegisterUser, _users, passwords, _new_id),
                log_in=_Single(LogIn, _users, passwords),
                edit=_Single(EditUser, _users, passwords),
                read=_Single(GetUser, _users),
            ),
            _Single(
                product_routes,
                intake,
                add=_Single(AddProduct, _products, _new_id),
                update=_Single(UpdateProduct, _products),
                read=_Single(GetProduct, _products),
            ),
            _Single(
                order_routes,
                intake,
                place=_Single(PlaceOrder, _orders, _references, relay, clock, _new_id),
                update=_Single(UpdateOrder, _orders, _references, relay, clock),
                read=_Single(GetOrder, _orders),
            ),
            _Single(health_routes, _Single(CheckHealth, storage, publisher, relay)),
            _Single(page_routes),
        ),
    )
