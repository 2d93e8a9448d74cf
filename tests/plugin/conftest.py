"""Mailboxes over real HTTP: the one file, and the companion plugin in a WordPress."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from php import filled_in, serving

TOKEN = "a-token-of-more-than-thirty-two-characters"


@pytest.fixture
def web_space(tmp_path: Path) -> Path:
    """An owner's web space."""
    folder = tmp_path / "web"
    folder.mkdir()
    return folder


@pytest.fixture
def file_mailbox(web_space: Path) -> Iterator[str]:
    """The address of an uploaded mailbox.php."""
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'"})
    with serving(web_space) as address:
        yield f"{address}/mailbox.php"
