"""PHP's own web server on loopback, for the mailbox file and the companion plugin."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDPRESS = ROOT / "wordpress"


def needed(program: str) -> str:
    """Where a program is; the test is skipped without it, or fails where nothing may be left out."""
    found = shutil.which(program)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{program} is missing, and CI leaves nothing out")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def serving(folder: Path, router: Path | None = None, log: Path | None = None, **variables: str) -> Iterator[str]:
    """A folder served by `php -S`; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        needed("php"),
        "-S",
        f"127.0.0.1:{port}",
        "-t",
        str(folder),
        *([str(router)] if router else []),
    ]
    environment = dict(os.environ) | {"PHP_CLI_SERVER_WORKERS": "5"} | variables
    with (log or folder / "server.log").open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        _await(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """The server and its workers are a group of their own."""
    try:
        os.killpg(server.pid, 15)
    except ProcessLookupError:
        return
    server.wait(10)


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert server.poll() is None, "php -S ended"
        time.sleep(0.02)
    raise AssertionError("php -S does not answer")


def filled_in(folder: Path, values: Mapping[str, str]) -> Path:
    """The mailbox file, uploaded into a folder, with lines filled in as an owner would."""
    text = (WORDPRESS / "mailbox.php").read_text(encoding="utf-8")
    for name, value in values.items():
        before = next(row for row in text.splitlines() if row.startswith(f"const {name} "))
        text = text.replace(before, f"const {name} = {value};")
    file = folder / "mailbox.php"
    file.write_text(text, encoding="utf-8")
    return file
