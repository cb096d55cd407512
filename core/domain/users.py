"""Users: the customers who place orders."""

from dataclasses import dataclass

from core.domain.ids import Id

LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class User:
    """A registered customer; `email` is kept as it was sent, `password_hash` never leaves the system."""

    id: Id
    name: str
    email: str
    password_hash: str
    version: int = 1


def email_key(email: str) -> str:
    """Give the form under which an email is unique and found: valid ones are ASCII, so `lower` puts case aside."""
    return email.lower()
