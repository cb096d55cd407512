"""All checks of an adapter, as one class to derive from."""

from orderport.testing.events.log import EventLogChecks
from orderport.testing.events.publishing import PublisherChecks
from orderport.testing.events.settings import EventsSettingsChecks
from orderport.testing.storage.absence import AbsenceChecks
from orderport.testing.storage.backlog import BacklogChecks
from orderport.testing.storage.history import HistoryChecks
from orderport.testing.storage.lasting import LastingChecks
from orderport.testing.storage.marks import MarksChecks
from orderport.testing.storage.mending import MendingChecks
from orderport.testing.storage.orders import OrdersChecks
from orderport.testing.storage.outbox import OutboxChecks
from orderport.testing.storage.products import ProductsChecks
from orderport.testing.storage.settings import SettingsChecks
from orderport.testing.storage.users import UsersChecks
from orderport.testing.storage.values import ValuesChecks
from orderport.testing.storage.whole import WholeChecks


class StorageKit(
    SettingsChecks,
    WholeChecks,
    UsersChecks,
    ProductsChecks,
    OrdersChecks,
    OutboxChecks,
    MarksChecks,
    BacklogChecks,
    MendingChecks,
    ValuesChecks,
    AbsenceChecks,
    LastingChecks,
    HistoryChecks,
):
    """Every check of a storage.

    It needs a fixture `settings`, and where the storage is durable, `out_of_reach`: settings for a place where nothing
    answers. Another process has to be able to load the settings from a pickle, where there are any to share.
    """


class EventsKit(EventsSettingsChecks, PublisherChecks, EventLogChecks):
    """Every check of a publisher.

    It needs the fixtures `settings` and `out_of_reach`: settings for a topic that takes nothing; and where the adapter
    is not readable, `messages`: a coroutine function that gives what lies on the topic.
    """
