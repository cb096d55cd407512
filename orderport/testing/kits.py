"""All checks of an adapter, as one class to derive from."""

from orderport.testing.events.log import EventLogChecks
from orderport.testing.events.publishing import PublisherChecks
from orderport.testing.events.settings import EventsSettingsChecks
from orderport.testing.storage.absence import AbsenceChecks
from orderport.testing.storage.backlog import BacklogChecks
from orderport.testing.storage.histories import HistoryChecks
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

    `settings` are needed, and where the storage is durable, `out_of_reach`: settings for a place where nothing answers.
    Each is an attribute of the class, or a fixture of the scope of a class or wider. What is durable or shared is
    opened by another process, too: then it has to be possible to pickle the settings.
    """


class EventsKit(EventsSettingsChecks, PublisherChecks, EventLogChecks):
    """Every check of a publisher.

    `settings` are needed, and `out_of_reach`: settings for a topic that takes nothing. Each is an attribute of the
    class, or a fixture, that of `settings` of the scope of a class or wider. Where the adapter is not readable, a
    fixture `messages` is needed: it gives a coroutine function that gives what lies on the topic.
    """
