"""The command that lists what is installed."""

from bootstrap.plugins import InstalledAdapter, installed_adapters
from bootstrap.printing import print_json, print_table


def list_adapters(*, as_json: bool) -> int:
    """Print each adapter that is installed, also one that cannot be used."""
    adapters = list(installed_adapters())
    if as_json:
        for adapter in adapters:
            print_json(
                {
                    "kind": _kind(adapter),
                    "name": adapter.name,
                    "package": adapter.package,
                    "package_version": adapter.package_version,
                    "ports_version": adapter.ports_version,
                    "features": adapter.features,
                    "problem": adapter.problem,
                }
            )
    else:
        print_table(
            ("kind", "name", "package", "ports", "features", "problem"),
            [_row(adapter) for adapter in adapters],
        )
    return 0


def _kind(adapter: InstalledAdapter) -> str:
    return adapter.group.rpartition(".")[2]


def _row(adapter: InstalledAdapter) -> tuple[str, ...]:
    return (
        _kind(adapter),
        adapter.name,
        f"{adapter.package} {adapter.package_version}",
        "" if adapter.ports_version is None else str(adapter.ports_version),
        ", ".join(adapter.features),
        adapter.problem or "",
    )
