"""Mailboxes over real HTTP: the one file, and the companion plugin in a WordPress."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from letters import TOKEN
from php import filled_in, serving
from wp_site import Site, wordpress


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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A real WordPress with our plugin and a stand-in for WooCommerce."""
    with wordpress(tmp_path_factory.mktemp("site")) as started:
        yield started


@pytest.fixture
def plugin_mailbox(site: Site) -> str:
    """The plugin's mailbox, empty, with the tests' token."""
    site.run(
        f"""global $wpdb; $wpdb->query('TRUNCATE ' . Ladenbote\\Letters::table());
        delete_option('ladenbote_addresses');
        Ladenbote\\Connection::end();
        Ladenbote\\Connection::update(['token' => '{TOKEN}', 'secret' => 'plugin-secret', 'name' => 'laden']);"""
    )
    return site.mailbox


@pytest.fixture(params=["file", "plugin"])
def mailbox(request: pytest.FixtureRequest) -> str:
    """Both mailboxes, one after the other."""
    address: str = request.getfixturevalue(f"{request.param}_mailbox")
    return address
