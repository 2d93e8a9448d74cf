"""Shops & numbers says how the mailboxes are."""

from typing import Any

import pytest

from integration.domain.shops.mailboxes import PROBLEMS, MailboxProblem
from integration.store.db import Database
from integration.store.shops import mailboxes


def test_without_mailboxes_nothing_is_said(inside: Any) -> None:
    assert "Briefkästen" not in inside.get("/connections").text


def test_a_mailbox_that_answers(inside: Any, database: Database, world: Any) -> None:
    with database.write() as connection:
        mailboxes.note(connection, "plugin/laden", "", world.NOW)
    page = inside.get("/connections").text
    assert "Briefkästen" in page and "plugin/laden" in page and "antwortet nicht" not in page


@pytest.mark.parametrize("problem", MailboxProblem)
def test_a_mailbox_that_does_not(inside: Any, database: Database, world: Any, problem: MailboxProblem) -> None:
    with database.write() as connection:
        mailboxes.note(connection, "webspace", problem, world.NOW)
    page = inside.get("/connections").text
    assert "antwortet nicht" in page and PROBLEMS[problem].de in page
