"""What every check of a storage is given."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from orderport import Feature, Storage, StorageSettings
from orderport.testing.adapter import Adapter, Checks, a_runner


class StorageAdapter(Adapter[Storage]):
    """A storage that is prepared whenever it is opened."""

    @contextmanager
    def opened(self) -> Iterator[Storage]:
        """Open and prepare one more."""
        with super().opened() as storage:
            self.run(storage.prepare())
            yield storage


class StorageChecks(Checks):
    """Checks that share one open storage; they make ids and emails of their own and look at nothing else there."""

    @pytest.fixture(scope="class")
    @classmethod
    def adapter(cls, settings: StorageSettings) -> Iterator[StorageAdapter]:
        """The adapter that `settings` are for, which whoever uses this gives."""
        with a_runner() as runner:
            adapter = StorageAdapter(settings, runner)
            yield adapter
            adapter.close()

    @pytest.fixture
    def storage(self, adapter: StorageAdapter) -> Storage:
        """The storage that the checks share."""
        return adapter.shared()

    @pytest.fixture
    def absent_settings(
        self, request: pytest.FixtureRequest, adapter: StorageAdapter
    ) -> StorageSettings:
        """What `out_of_reach` is, which whoever uses this gives."""
        try:
            settings: StorageSettings = request.getfixturevalue("out_of_reach")
        except pytest.FixtureLookupError:
            if Feature.DURABLE in adapter.features:
                pytest.fail(
                    "what is durable lies outside of this process, and may be away: give `out_of_reach`, settings for "
                    "a place where nothing answers"
                )
            pytest.skip("the adapter is not durable: nothing of it lies outside of this process")
        return settings

    @pytest.fixture
    def absent(
        self, adapter: StorageAdapter, absent_settings: StorageSettings
    ) -> Iterator[Storage]:
        """A storage that gives no answer."""
        with adapter.held_open(absent_settings.open()) as storage:
            yield storage
