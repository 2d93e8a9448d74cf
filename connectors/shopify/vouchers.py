"""Personal vouchers: a discount code for one customer and one use (docs/reference/shopify.md section 9)."""

from typing import Any, Final

from connectors.reading import Json, mapping, quantity, rows, text
from connectors.shopify import documents, failures
from connectors.shopify.client import Client
from integration.domain.errors import ShopUnreachable
from integration.domain.shops.ports import VoucherState, VoucherTerms
from integration.domain.text import Text

TAKEN: Final = frozenset({"TAKEN", "DUPLICATE"})
MAKING: Final = Text("Gutschein anlegen", "Making a voucher")
REMOVING: Final = Text("Gutschein löschen", "Removing a voucher")


def create(client: Client, terms: VoucherTerms, starts_at: str) -> None:
    """Make the voucher; an unclear outcome is looked up before anybody tries again. Raises ShopError."""
    try:
        data = client.mutate(documents.VOUCHER_CREATE, {"terms": terms_input(terms, starts_at)}).data
    except ShopUnreachable:
        if _found(client, terms.code):
            return
        raise
    codes = _user_errors(data, "discountCodeBasicCreate")
    if not codes:
        return
    if codes & TAKEN and _is_ours(_found(client, terms.code), terms.code):
        return
    raise failures.refused(", ".join(sorted(codes)), MAKING)


def terms_input(terms: VoucherTerms, starts_at: str) -> dict[str, Any]:
    """The terms as `DiscountCodeBasicInput`."""
    buyers: dict[str, Any] = {"all": "ALL"}
    if terms.customer_id:
        buyers = {"customers": {"add": [f"gid://shopify/Customer/{terms.customer_id}"]}}
    value: dict[str, Any] = {"percentage": float(terms.percent) / 100 if terms.percent is not None else 0}
    if terms.amount is not None:
        value = {"discountAmount": {"amount": str(terms.amount), "appliesOnEachItem": False}}
    given: dict[str, Any] = {
        "title": _title(terms.code),
        "code": terms.code,
        "startsAt": starts_at,
        "endsAt": terms.expires_at.isoformat(),
        "usageLimit": 1,
        "appliesOncePerCustomer": True,
        "context": buyers,
        "customerGets": {"value": value, "items": {"all": True}},
    }
    if terms.minimum is not None:
        given["minimumRequirement"] = {"subtotal": {"greaterThanOrEqualToSubtotal": str(terms.minimum)}}
    return given


def state(client: Client, code: str) -> VoucherState:
    """Redeemed, still open, or gone (removed, or ended unused). Raises ShopError."""
    discount = mapping(_found(client, code).get("codeDiscount"))
    if quantity(discount.get("asyncUsageCount")) > 0:
        return VoucherState.REDEEMED
    return VoucherState.OPEN if discount.get("status") in ("ACTIVE", "SCHEDULED") else VoucherState.GONE


def delete(client: Client, code: str) -> None:
    """Remove the voucher; a code of the shop's own making is left alone. Raises ShopError."""
    found = _found(client, code)
    if not _is_ours(found, code):
        return
    data = client.mutate(documents.VOUCHER_DELETE, {"id": found["id"]}).data
    codes = _user_errors(data, "discountCodeDelete")
    if codes and _found(client, code):
        raise failures.refused(", ".join(sorted(codes)), REMOVING)


def _found(client: Client, code: str) -> Json:
    data = client.query(documents.VOUCHER, {"code": code}).data
    if "codeDiscountNodeByCode" not in data:
        raise failures.broken(200)
    return mapping(data["codeDiscountNodeByCode"])


def _is_ours(found: Json, code: str) -> bool:
    return mapping(found.get("codeDiscount")).get("title") == _title(code)


def _title(code: str) -> str:
    return f"Ladenbote {code}"


def _user_errors(data: Json, mutation: str) -> set[str]:
    errors = rows(mapping(data.get(mutation)).get("userErrors"))
    return {text(error.get("code")) or "?" for error in errors}
