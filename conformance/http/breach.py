"""A breach of the contract that does not depend on which check met it."""


class Breach(AssertionError):
    """What was expected by other lines than those of the check, and what came instead."""

    def __init__(self, expected: tuple[str, ...], came: str, repeat: str = "") -> None:
        super().__init__(f"expected: {' '.join(expected)}; but {came}")
        self.expected = expected
        """Sentences of docs/contract.md, or places in spec/openapi.yaml or spec/asyncapi.yaml."""
        self.came = came
        self.repeat = repeat
        """A command that repeats it, where the request is not the check's own."""


def demand(condition: object, expected: tuple[str, ...], came: str) -> None:
    """Raise `Breach` unless the condition holds."""
    if not condition:
        raise Breach(expected, came)
