"""All ports together, in any history of calls."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from orderport.testing.promises import promise
from orderport.testing.storage.checks import StorageAdapter, StorageChecks
from orderport.testing.storage.history import History
from orderport.testing.storage.history_of_orders import OrdersAndEvents
from orderport.testing.storage.history_of_users import UsersAndProducts

STEPS = 100
"""A few long histories find more than many short ones."""
FEWER_EXAMPLES = 10
"""By what hypothesis's own number is divided, since each example is so many calls."""


class HistoryChecks(StorageChecks):
    """All ports together."""

    @pytest.mark.parametrize("history", [UsersAndProducts, OrdersAndEvents])
    @promise(
        "Every other write has ended when its method returns, and lasts.",
        "The events that wait to be sent, inside their orders, and who takes care of them.",
    )
    def test_any_history_gives_the_answers_of_the_storage_in_memory(
        self, adapter: StorageAdapter, history: type[History]
    ) -> None:
        usual = settings.get_profile(settings.get_current_profile_name())
        run_state_machine_as_test(
            type(history.__name__, (history,), {"adapter": adapter}),
            settings=settings(
                usual,
                max_examples=usual.max_examples // FEWER_EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
