"""What several checks judge alike."""

import re

from orderport import (
    PORTS_VERSION,
    EventsSettings,
    Feature,
    OrderportError,
    StorageSettings,
    WrongSettings,
)

_host = re.compile(r"localhost|(\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:]+\]|://|:\d{2,5}\b").search


def names_a_host(text: str) -> bool:
    """Tell whether a message names a host, an address or a port."""
    return _host(text) is not None


def assert_tells_why(error: OrderportError) -> None:
    """Fail unless the error has a message, in words that name no host."""
    (message,) = error.args
    assert isinstance(message, str)
    assert message
    assert not names_a_host(message)


def assert_declared(
    settings: StorageSettings | EventsSettings, possible: frozenset[Feature]
) -> None:
    """Fail unless the class of the settings says what the adapter was made for, and what of `possible` it can do."""
    adapter = type(settings)
    assert type(adapter.ports_version) is int
    assert adapter.ports_version == PORTS_VERSION
    assert isinstance(adapter.features, frozenset)
    assert adapter.features <= possible


def assert_read_from_environment(settings: StorageSettings | EventsSettings) -> None:
    """Fail unless an empty environment gives settings, or is refused with a line for each variable that it lacks."""
    adapter = type(settings)
    try:
        given: object = adapter.from_environment({})
    except WrongSettings as error:
        given = error.problems
    assert isinstance(given, (adapter, tuple))
    if isinstance(given, tuple):
        assert given
        assert [problem for problem in given if "ORDERPORT_" not in problem] == []
