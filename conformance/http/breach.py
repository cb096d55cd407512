"""A breach of the contract that does not depend on which check met it."""


class Breach(AssertionError):
    """What was expected by another line than that of the check, and what came instead."""

    def __init__(self, expected: str, came: str) -> None:
        super().__init__(f"expected: {expected}; but {came}")
        self.expected = expected
        """A sentence of docs/contract.md, or a place in spec/openapi.yaml or spec/asyncapi.yaml."""
        self.came = came


def demand(condition: object, expected: str, came: str) -> None:
    """Raise `Breach` unless the condition holds."""
    if not condition:
        raise Breach(expected, came)
