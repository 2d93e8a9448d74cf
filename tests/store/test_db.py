"""What a database of either kind must do whatever the code above it forgets."""

import pytest
from sqlalchemy.exc import IntegrityError
from storekit import a_message
from worlds import NOON

from integration.store.db import Database
from integration.store.messages import messages


def test_a_message_to_a_person_who_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        messages.add(connection, [a_message("nobody")], NOON)
