"""The answers that clients have, to the byte: a change of any key, status or message is a change of a file in golden/.

`ORDERPORT_RECORD_GOLDEN=1 .venv/bin/pytest tests/contract/http/test_golden.py -k memory` writes the files anew.
"""

import os
from pathlib import Path

from tests.contract.http.story import Teller

FOLDER = Path(__file__).with_name("golden")


def test_the_recorded_answers_are_given_again(url: str) -> None:
    told = {f"{name.replace(' ', '-')}.http": record for name, record in Teller(url).tell()}
    if os.environ.get("ORDERPORT_RECORD_GOLDEN"):
        for name, record in told.items():
            (FOLDER / name).write_bytes(record)
    assert {file.name for file in FOLDER.iterdir()} == told.keys()
    for name, record in told.items():
        assert record.decode() == (FOLDER / name).read_bytes().decode(), name
