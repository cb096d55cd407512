"""YAML without loss: numbers with a point are decimals, as the specifications show prices that no float can hold."""

from decimal import Decimal
from typing import Any

import yaml


class _ExactLoader(yaml.CSafeLoader):
    """Reads numbers as they are written."""


def _read_decimal(loader: yaml.Loader, node: Any) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _read_decimal)


def from_yaml(text: bytes) -> Any:
    """Decode a document. Raises `yaml.YAMLError`."""
    return yaml.load(text, _ExactLoader)
