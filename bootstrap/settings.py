"""Settings from the environment, all of them read and judged before anything is opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bootstrap.plugins import EVENTS, STORAGE, read_adapter
from core.domain.errors import WrongSettings
from core.ports.plugins import Environment, EventsSettings, Feature, StorageSettings

PREFIX = "ORDERPORT_"
FILE_SUFFIX = "_FILE"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What `orderport serve` runs with."""

    host: str
    port: int
    workers: int
    storage: StorageSettings
    events: EventsSettings


def read_settings(variables: Mapping[str, str]) -> Settings:
    """Read everything. Raises `WrongSettings` with every problem there is."""
    problems: list[str] = []

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except WrongSettings as error:
            problems.extend(error.problems)
            return None

    environment = _read_environment(variables, problems)
    storage = attempt(lambda: read_adapter(STORAGE, environment))
    events = attempt(lambda: read_adapter(EVENTS, environment))
    port = attempt(lambda: _read_int(environment, "ORDERPORT_PORT", 8000, 0, 65_535))
    workers = attempt(lambda: _read_int(environment, "ORDERPORT_WORKERS", 1, 1, 1_024))
    if storage and workers and workers > 1 and Feature.SHARED not in storage.features:
        problems.append(
            "ORDERPORT_WORKERS: more than 1 needs a storage that processes can share, "
            f"and {environment.get(STORAGE.variable, STORAGE.default)!r} is not shared"
        )
    if problems or storage is None or events is None or port is None or workers is None:
        raise WrongSettings(problems)
    return Settings(environment.get("ORDERPORT_HOST", "127.0.0.1"), port, workers, storage, events)


def _read_environment(variables: Mapping[str, str], problems: list[str]) -> Environment:
    """Take what is ours and not empty; `NAME_FILE` is the path of a file with the value of `NAME`."""
    ours = {name: value for name, value in variables.items() if name.startswith(PREFIX) and value}
    environment = {name: value for name, value in ours.items() if not name.endswith(FILE_SUFFIX)}
    for variable, path in ours.items():
        if not variable.endswith(FILE_SUFFIX):
            continue
        name = variable.removesuffix(FILE_SUFFIX)
        if name in ours:
            problems.append(f"{name}: is set both itself and by {variable}")
            continue
        try:
            value = Path(path).read_bytes().decode()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not text in UTF-8"
            problems.append(f"{variable}: {path!r} cannot be read: {reason}")
            continue
        value = value.removesuffix("\n").removesuffix("\r")
        if value:
            environment[name] = value
    return environment


def _read_int(environment: Environment, name: str, default: int, lowest: int, highest: int) -> int:
    text = environment.get(name, str(default))
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not (is_number and lowest <= int(text) <= highest):
        raise WrongSettings(
            [f"{name}: must be a whole number from {lowest} to {highest}, not {text!r}"]
        )
    return int(text)
