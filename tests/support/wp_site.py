"""A real WordPress on loopback, with a database of its own and our plugin from its zip. Made once per test run."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
from php import ROOT, WORDPRESS, needed, serving

TREE = ROOT / ".artifacts" / "wordpress"
HERE = Path(__file__).parent / "wordpress"
PASSWORD = "a-password-for-tests"
PAGE = "/wp-admin/options-general.php?page=ladenbote"


@dataclass
class Site:
    """A running WordPress. `run` executes PHP inside it."""

    url: str
    content: Path
    browser: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    @property
    def api(self) -> str:
        """Where our routes are."""
        return f"{self.url}/index.php?rest_route=/ladenbote/v1"

    @property
    def mailbox(self) -> str:
        """Where the mailbox is."""
        return f"{self.api}/mailbox"

    def run(self, code: str) -> Any:
        """What a piece of PHP returns, inside this WordPress."""
        answer = self.browser.post(f"{self.url}/run", content=code.encode())
        _, found, result = answer.text.rpartition("\n=>")
        assert found, answer.text
        return orjson.loads(result)

    def complaints(self) -> list[str]:
        """What PHP complained about in our plugin's files."""
        log = self.content / "debug.log"
        rows = log.read_text(errors="replace").splitlines() if log.exists() else []
        return [row for row in rows if "ladenbote" in row and "stand-in" not in row]

    def sign_in(self, who: str = "admin") -> httpx.Client:
        """The browser of somebody who works in the shop."""
        form = {"log": who, "pwd": PASSWORD, "testcookie": "1", "wp-submit": "Log In"}
        browser = httpx.Client(timeout=30, base_url=self.url, cookies={"wordpress_test_cookie": "WP%20Cookie%20check"})
        answer = browser.post("/wp-login.php", data=form)
        assert answer.status_code == 302, answer.text[:500]
        return browser


@contextmanager
def wordpress(folder: Path) -> Iterator[Site]:
    """Start everything; plugins active, site paired with nobody."""
    for program in ("php", "mariadbd", "mariadb-install-db"):
        needed(program)
    if not (TREE / "wp-load.php").exists():
        needed("wordpress")  # .ci/php unpacks it
    content = _content(folder)
    with ExitStack() as stack:
        socket = stack.enter_context(_database(folder))
        (TREE.parent / "wp-config.php").write_text((HERE / "wp-config.php").read_text())
        site = {
            "SITE_TREE": str(TREE),
            "SITE_CONTENT": str(content),
            "SITE_SOCKET": str(socket),
            "SITE_PASSWORD": PASSWORD,
        }
        url = stack.enter_context(serving(TREE, HERE / "router.php", folder / "php.log", **site))
        environment = dict(os.environ) | site | {"SITE_URL": url}
        install = [needed("php"), str(HERE / "install.php")]
        done = subprocess.run(install, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert "installed" in done.stdout, done.stdout + done.stderr
        yield Site(url, content)


def _content(folder: Path) -> Path:
    """wp-content: our plugin from its zip, and the stand-in for WooCommerce."""
    content = folder / "wp-content"
    (content / "plugins").mkdir(parents=True)
    (content / "themes" / "bare").mkdir(parents=True)
    (content / "themes" / "bare" / "style.css").write_text("/* Theme Name: Bare */")
    (content / "themes" / "bare" / "index.php").write_text("<?php wp_head(); wp_footer();")
    zipped = folder / "ladenbote.zip"
    subprocess.run([sys.executable, str(WORDPRESS / "build.py"), str(zipped)], check=True)
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(content / "plugins")
    shutil.copytree(HERE / "woocommerce-stand-in", content / "plugins" / "woocommerce-stand-in")
    return content


@contextmanager
def _database(folder: Path) -> Iterator[Path]:
    # A socket's path may have at most 107 characters.
    data, socket = folder / "db", Path(tempfile.mkdtemp(prefix="lb-")) / "s"
    plain = ["--no-defaults", f"--datadir={data}"]
    user = ["--user=root"] if os.getuid() == 0 else []
    subprocess.run(
        [needed("mariadb-install-db"), *plain, *user, "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
    )
    options = ["--skip-networking", "--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin"]
    with (folder / "db.log").open("wb") as log:
        server = subprocess.Popen(
            [needed("mariadbd"), *plain, *user, f"--socket={socket}", *options], stdout=log, stderr=log
        )
    try:
        _await_database(server, socket)
        yield socket
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(socket.parent, ignore_errors=True)


def _await_database(server: subprocess.Popen[bytes], socket: Path) -> None:
    code = f"exit(@mysqli_connect(null, 'root', '', '', 0, '{socket}') ? 0 : 1);"
    for _ in range(150):
        assert server.poll() is None, "mariadbd ended"
        if socket.exists() and subprocess.run([needed("php"), "-r", code], capture_output=True).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError("mariadbd does not answer")


def hidden_fields(page: str, form: str) -> dict[str, str]:
    """The hidden fields of the form on a page that contains `form`."""
    (found,) = [part for part in re.findall(r"<form.*?</form>", page, re.DOTALL) if form in part]
    tags = re.findall(r"<input[^>]*>", found)
    pairs = [
        (re.search(r"name=[\"']([^\"']+)", t), re.search(r"value=[\"']([^\"']*)", t)) for t in tags if "hidden" in t
    ]
    return {name[1]: value[1] for name, value in pairs if name and value}
