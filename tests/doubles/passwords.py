"""A password hasher that costs nothing and counts."""

from core.domain.errors import Overloaded
from core.ports.passwords import Verdict


class CountingHasher:
    """The port `PasswordHasher`; a hash tells its password and the `edition` of the parameters it was made with."""

    def __init__(self) -> None:
        self.edition = 1
        self.hashed: list[str] = []
        self.verified: list[tuple[str, str | None]] = []
        self.full = False

    async def hash(self, password: str) -> str:
        if self.full:
            raise Overloaded("passwords")
        self.hashed.append(password)
        return f"{self.edition}:{len(self.hashed)}:{password}"

    async def verify(self, password: str, stored: str | None) -> Verdict:
        self.verified.append((password, stored))
        edition, _, right = (stored or "::").split(":", 2)
        correct = stored is not None and password == right
        return Verdict(correct, outdated=correct and edition != str(self.edition))
