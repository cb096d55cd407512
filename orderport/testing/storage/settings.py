"""The settings of a storage."""

import time

from orderport import Feature, Storage, StorageSettings
from orderport.testing.adapter import left_running
from orderport.testing.examples import a_user
from orderport.testing.judgements import assert_declared, assert_read_from_environment
from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageAdapter, StorageChecks

OPENING_SECONDS = 1.0


class SettingsChecks(StorageChecks):
    """What opens a storage."""

    @promise(
        "The PORTS_VERSION that the adapter was made for, as a number of its own.",
        "What it can do: DURABLE, SHARED.",
        "What an adapter can do beyond what each has to: it declares all that it can and nothing that it cannot.",
    )
    def test_the_settings_say_what_the_adapter_can_do(self, settings: StorageSettings) -> None:
        assert_declared(settings, frozenset({Feature.DURABLE, Feature.SHARED}))

    @promise(
        "Read the settings and open nothing.",
        "Raises `WrongSettings` with all that is wrong.",
    )
    def test_the_settings_are_read_from_the_environment(self, settings: StorageSettings) -> None:
        assert_read_from_environment(settings)

    @promise("A storage that can be opened.", "Open it ... and close it on leaving.")
    def test_it_can_be_opened_again_and_again(self, adapter: StorageAdapter) -> None:
        adapter.close()
        for _ in range(3):
            user = a_user()
            with adapter.opened() as storage:
                adapter.run(storage.users.add(user))
                assert adapter.run(storage.users.get(user.id)) == user

    @promise("Open it ... and close it on leaving.")
    def test_nothing_is_left_running_when_it_is_closed(
        self, adapter: StorageAdapter, settings: StorageSettings
    ) -> None:
        async def use(storage: Storage) -> None:
            await storage.prepare()
            await storage.users.add(a_user())

        adapter.close()
        assert left_running(settings, use) == []

    @promise("Open it, without waiting for a server...")
    def test_it_is_opened_without_waiting_for_a_server(
        self, adapter: StorageAdapter, absent_settings: StorageSettings
    ) -> None:
        began = time.monotonic()
        with adapter.held_open(absent_settings.open()):
            assert time.monotonic() - began < OPENING_SECONDS
