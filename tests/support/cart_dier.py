"""A process that is killed at a chosen moment between taking a reminder and storing that it left.

What the shop and the phone know outlives it, in files.
"""

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from links import PlainLink, linked
from storekit import reopened
from worlds import Clock, RememberingChannel

from integration.domain.messages.channel import Accepted, Envelope
from integration.domain.shops.ports import VoucherTerms
from integration.flow import send
from integration.flow.messages import prepare
from integration.flow.preparers import PREPARERS
from integration.store.db import Database

#: before anybody took it, with the voucher made, ready to leave, marked *sending*, at WhatsApp
MOMENTS = ("set_aside", "voucher", "prepared", "sending", "posted")


class FileLink(PlainLink):
    """Vouchers are lines of a file."""

    def __init__(self, folder: Path, die_at: str = "") -> None:
        super().__init__()
        self._file, self._die_at = folder / "vouchers", die_at

    def create_voucher(self, terms: VoucherTerms) -> None:
        if terms.code not in lines(self._file):
            add(self._file, terms.code)
        die("voucher", self._die_at)


class FileChannel(RememberingChannel):
    """What a phone was shown are lines of a file."""

    def __init__(self, folder: Path, die_at: str = "") -> None:
        super().__init__()
        self._file, self._die_at = folder / "shown", die_at

    async def send(self, envelope: Envelope) -> Accepted:
        add(self._file, envelope.attempt_id)
        die("posted", self._die_at)
        return Accepted(f"wamid.{envelope.attempt_id}")


def add(file: Path, line: str) -> None:
    """Write a line that no kill takes back."""
    with file.open("a") as opened:
        opened.write(f"{line}\n")


def lines(file: Path) -> list[str]:
    """What stands there."""
    return file.read_text().split() if file.exists() else []


def die(moment: str, die_at: str) -> None:
    """Be killed if this is the moment."""
    if moment == die_at:
        os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, keys: str, folder: str, now: str, die_at: str) -> None:
    """Set aside, prepare, decide, send."""
    home = Path(folder)
    world = linked(reopened(Database(url), Database(keys)), FileLink(home, die_at))
    channel = FileChannel(home, die_at)
    world = replace(world, clock=Clock(datetime.fromisoformat(now)))
    send.claim(world, "nummer", 10)
    die("set_aside", die_at)
    prepare.shop(world, "laden", PREPARERS)
    die("prepared", die_at)
    batch = send.claim(world, "nummer", 10)
    die("sending", die_at)
    for item in batch:
        asyncio.run(send.dispatch(world, channel, item))


if __name__ == "__main__":
    main(*sys.argv[1:])
