"""The table of kinds that are prepared right before they leave; the others cost nothing (flow.messages.prepare)."""

from integration.domain.carts.reminders import KIND as CART
from integration.flow.automations import price_alerts, voucher_messages
from integration.flow.automations.price_alerts import Cheaper
from integration.flow.automations.voucher_messages import Gift
from integration.flow.carts.reminders import Reminder
from integration.flow.messages.preparers import Preparer

PREPARERS: dict[str, Preparer] = {
    CART: Reminder(),
    price_alerts.KIND: Cheaper(),
    **dict.fromkeys(voucher_messages.KINDS, Gift()),
}
