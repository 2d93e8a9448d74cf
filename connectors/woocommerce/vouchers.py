"""Personal coupons (docs/reference/woocommerce.md section 8). The code is what makes a second try harmless."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from connectors.reading import Json, identifier, mapping, moment, rows, text
from connectors.woocommerce.client import WooCommerceClient
from connectors.woocommerce.troubles import Rejected
from integration.domain.shops.ports import VoucherState, VoucherTerms

EXISTS: Final = "woocommerce_rest_coupon_code_already_exists"


class Vouchers:
    """The coupons of one shop."""

    def __init__(self, client: WooCommerceClient) -> None:
        self._client = client
        #: how far the site's time is ahead of UTC, as the last coupon showed
        self._ahead = timedelta(0)

    def create(self, terms: VoucherTerms) -> None:
        """Make the coupon; one of this code that exists is the one of an earlier try."""
        try:
            made = mapping(self._client.post("coupons", self._data(terms)).body)
        except Rejected as error:
            found = self._found(terms.code) if error.reason == EXISTS else None
            if found is None:
                raise
            made = found
        self._set_expiry(made, terms.expires_at)

    def state(self, code: str) -> VoucherState:
        """Whether it was redeemed."""
        found = self._found(code)
        if found is None or found.get("status") not in ("publish", None):
            return VoucherState.GONE
        return VoucherState.REDEEMED if found.get("usage_count") else VoucherState.OPEN

    def delete(self, code: str) -> None:
        """Remove it for good."""
        found = self._found(code)
        if found:
            self._client.delete(f"coupons/{identifier(found.get('id'))}")

    def _data(self, terms: VoucherTerms) -> Json:
        amount = terms.percent if terms.percent is not None else terms.amount
        return {
            "code": terms.code,
            "discount_type": "percent" if terms.percent is not None else "fixed_cart",
            "amount": f"{amount or Decimal(0):f}",
            "individual_use": True,
            "usage_limit": 1,
            "date_expires": self._site_time(terms.expires_at),
            **({"minimum_amount": f"{terms.minimum:f}"} if terms.minimum is not None else {}),
        }

    def _set_expiry(self, made: Json, expires_at: datetime) -> None:
        """WooCommerce takes site time only, and tells in its answer what that was in UTC: correct it once."""
        wanted, got = expires_at.replace(microsecond=0), moment(made.get("date_expires_gmt"))
        if got is None or got == wanted:
            return
        local = moment(made.get("date_expires"))
        self._ahead = local - got if local else self._ahead
        data = {"date_expires": self._site_time(wanted)}
        self._client.put(f"coupons/{identifier(made.get('id'))}", data)

    def _site_time(self, at: datetime) -> str:
        return (at.astimezone(UTC) + self._ahead).strftime("%Y-%m-%dT%H:%M:%S")

    def _found(self, code: str) -> Json | None:
        found = rows(self._client.get("coupons", {"code": code}).body)
        return next((row for row in found if text(row.get("code")).casefold() == code.casefold()), None)
