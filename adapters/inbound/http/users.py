"""`/users`: register, log in, edit, read back."""

from functools import partial

from litestar import Router
from litestar.types import ASGIApp

from adapters.inbound.http.answers import Answer, created, encode, entity, envelope
from adapters.inbound.http.bodies import HttpRequest, Intake
from adapters.inbound.http.endpoints import get, post, put
from adapters.inbound.http.oddities import LOGIN_MESSAGE, PASSWORD_MASK
from core.domain.users import User
from core.use_cases.users import EditUser, GetUser, LogIn, RegisterUser


def user_routes(
    intake: Intake, register: RegisterUser, log_in: LogIn, edit: EditUser, read: GetUser
) -> Router:
    """Make the routes under `/users`."""

    @post("/register")
    async def register_user(request: HttpRequest) -> ASGIApp:
        user = await intake.take(request, register)
        answer = {"_id": user.id, "InsertedID": user.id, "name": user.name, "email": user.email}
        return created(
            "/users", user.id, user.version, encode(answer | {"password": PASSWORD_MASK})
        )

    @post("/login")
    async def log_user_in(request: HttpRequest) -> ASGIApp:
        user = await intake.take(request, log_in)
        return Answer(envelope(200, LOGIN_MESSAGE, _published(user)))

    @put("/edit/{user_id:str}")
    async def edit_user(request: HttpRequest) -> ASGIApp:
        user = await intake.take(request, partial(edit, request.path_params["user_id"]))
        return entity(user.version, _published(user))

    # The router does not go back from `/users/edit`, the beginning of a fixed path, to `/users/:id`.
    @get(["/{user_id:str}", "/edit"])
    async def get_user(request: HttpRequest) -> ASGIApp:
        user = await intake.answer(read(request.path_params.get("user_id", "edit")))
        return entity(user.version, _published(user))

    return Router("/users", route_handlers=[register_user, log_user_in, edit_user, get_user])


def _published(user: User) -> bytes:
    return encode({"_id": user.id, "name": user.name, "email": user.email})
