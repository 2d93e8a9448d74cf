"""Personal vouchers as owners choose them on a page: a percentage, and for how many days."""

from decimal import Decimal

from integration.domain.automations.vouchers import Offer
from integration.domain.notifications.settings import UnfitVoucher
from integration.web.forms import Form

PERCENTS = (5, 10, 15, 20)
DAYS = (3, 7, 14)


def read_offer(form: Form) -> Offer | None:
    """The voucher of a form, None for none. Raises UnfitVoucher when it is none of those that can be chosen."""
    percent, days = form.get("percent", "0"), form.get("days", str(DAYS[1]))
    if percent not in ("0", *map(str, PERCENTS)) or days not in map(str, DAYS):
        raise UnfitVoucher
    return Offer(int(days), Decimal(percent)) if percent != "0" else None
