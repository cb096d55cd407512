"""What the core needs to keep passwords: a hash that is slow on purpose."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is the right one and, if so, whether its hash was made with parameters of old."""

    correct: bool
    outdated: bool = False


class PasswordHasher(Protocol):
    """Hashes and checks passwords beside the event loop, a bounded number at a time.

    Where more wait than can be served in time, either method raises `Overloaded`, and nothing was done.
    """

    async def hash(self, password: str) -> str:
        """Hash `password` with a salt of its own and today's parameters."""
        ...

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check `password` against a hash that `hash` made.

        None, an absent user's hash, costs as much as a stored one and is never correct; so does text that is no hash,
        which is logged, since somebody put it there.
        """
        ...
