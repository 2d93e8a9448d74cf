"""A process that is killed in the moment in which its shop has made a voucher."""

import os
import signal
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from links import PlainLink, linked
from storekit import reopened
from worlds import NOON

from integration.domain.shops.ports import VoucherTerms
from integration.flow.automations.vouchers import issue
from integration.store.db import Database

url, keys, made = sys.argv[1:]


class DeadlyLink(PlainLink):
    """Makes the voucher, and never answers."""

    def create_voucher(self, terms: VoucherTerms) -> None:
        Path(made).write_text(terms.code)
        os.kill(os.getpid(), signal.SIGKILL)


world = linked(reopened(Database(url), Database(keys)), DeadlyLink())
terms = VoucherTerms("", NOON + timedelta(days=14), percent=Decimal("12.5"))
issue(world, "laden", "laden/abandoned_cart/c1/1", None, terms)
