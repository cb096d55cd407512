"""What is odd in the published API and kept, because clients were written against it: `docs/oddities.md` tells why."""

LOGIN_MESSAGE = "sucess"
"""So spelt."""

ORDER_UPDATED_STATUS = 201
"""The status in the body of an order update; its HTTP status is 200."""

PASSWORD_MASK = "********"  # noqa: S105 - the opposite of a password
"""The published register answer has a `password`; this is all that is ever in it."""
