"""How much later a webhook comes that waits in the mailbox file: PHP's own server, and a real `ladenbote run`."""

import hashlib
import hmac
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks.cases.pipeline import wait_until_ready
from benchmarks.figures import Figure, middle
from benchmarks.place import SENDER, Place, free_port, place
from integration.flow.world import World
from integration.run.wiring import opened
from integration.settings.settings import load
from integration.store.tables import inbox

NAME = "mailbox"
TOKEN = "benchmark-token-of-more-than-thirty-two-characters"
FILE = Path(__file__).parents[2] / "wordpress" / "mailbox.php"
BODY = b'{"object": "whatsapp_business_account", "entry": []}'
SEED = 7


def measure(quick: bool) -> Iterator[Figure]:
    """Webhooks at random moments, from the post to the committed row. Without PHP there is nothing to measure."""
    if not shutil.which("php"):
        return
    with place() as here, _mailbox(here.folder / "webspace") as address:
        waits = _waits(here, address, 5 if quick else 30)
    yield Figure(NAME, "half", "half of the webhooks are here after", middle(waits), "s")
    yield Figure(NAME, "most", "from a webhook in the mailbox to its row, the slowest", max(waits), "s", "≤ 5")


def _waits(here: Place, address: str, count: int) -> list[float]:
    home = here.home("behind", more=f'[mailboxes.webspace]\nurl = "{address}"\ntoken = "{TOKEN}"\n')
    settings = load(home / "settings.toml")
    moments = random.Random(SEED)  # noqa: S311 - only when to post, not a secret
    here.child("worker", str(home / "settings.toml"))
    wait_until_ready(settings.server.port)
    with opened(settings, home) as world:
        _post(world, address, 30)  # until it was asked once, the mailbox knows no address
        waits = []
        for _ in range(count):
            time.sleep(moments.uniform(0, 4))
            waits.append(_post(world, address, 0))
    return waits


def _post(world: World, address: str, patience: float) -> float:
    """Leave one webhook; seconds until it is stored. `patience`: how long the mailbox may refuse it at first."""
    signature = "sha256=" + hmac.new(b"benchmark-app-secret", BODY, hashlib.sha256).hexdigest()
    before, began = _stored(world), time.perf_counter()
    while True:
        posted = time.perf_counter()
        url, headers = f"{address}?to=meta/{SENDER}", {"x-hub-signature-256": signature}
        if httpx.post(url, content=BODY, headers=headers, timeout=10).status_code == 200:
            break
        assert posted - began < patience, "the mailbox refuses"
        time.sleep(0.1)
    while _stored(world) == before:
        assert time.perf_counter() - posted < 30, "the letter never came"
        time.sleep(0.01)
    return time.perf_counter() - posted


def _stored(world: World) -> int:
    with world.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(inbox)).scalar() or 0)


@contextmanager
def _mailbox(folder: Path) -> Iterator[str]:
    folder.mkdir()
    text = FILE.read_text(encoding="utf-8").replace("const TOKEN = '';", f"const TOKEN = '{TOKEN}';")
    (folder / "mailbox.php").write_text(text, encoding="utf-8")
    port = free_port()
    # without workers the server would read the next request only after the last one's keep-alive
    environment = dict(os.environ) | {"PHP_CLI_SERVER_WORKERS": "2"}
    with (folder.parent / "php.log").open("wb") as output:
        command = ["php", "-S", f"127.0.0.1:{port}", "-t", str(folder)]
        server = subprocess.Popen(command, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        yield f"http://127.0.0.1:{port}/mailbox.php"
    finally:
        os.killpg(server.pid, 15)
        server.wait(10)
