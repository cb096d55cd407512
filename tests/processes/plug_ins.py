"""Plug-ins as an installer leaves them: a module, and what is said of its package beside it."""

from pathlib import Path

SOUND = """
from adapters.outbound.memory import MemoryStorageSettings

class Settings(MemoryStorageSettings):
    pass
"""
OF_OTHER_PORTS = """
class Settings:
    ports_version = 7
    features = frozenset()
"""
OF_NO_PORTS = "Settings = print"
WITHOUT_FEATURES = """
class Settings:
    ports_version = 0
"""
WITH_UNKNOWN_FEATURES = """
class Settings:
    ports_version = 0
    features = frozenset({"immortal"})
"""
OF_LOST_IMPORTS = "import a_driver_that_nobody_has"
THAT_EXITS = "raise SystemExit('this needs a newer Python')"
THAT_CANNOT_READ = """
class Settings:
    ports_version = 0
    features = frozenset()

    @classmethod
    def from_environment(cls, environment):
        return environment["no such variable"]
"""


def install(folder: Path, name: str, module: str, group: str = "storage") -> None:
    """Install an adapter `name` in a package `orderport-NAME` of version 1.2."""
    (folder / f"orderport_{name}.py").write_text(module)
    about = folder / f"orderport_{name}-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: orderport-{name}\nVersion: 1.2\n"
    )
    (about / "entry_points.txt").write_text(
        f"[orderport.{group}]\n{name} = orderport_{name}:Settings\n"
    )
