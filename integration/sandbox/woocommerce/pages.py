"""What a browser opens in the shop: the one-click key of /wc-auth/v1/authorize, and /checkout-link/."""

import html
import io
import secrets
import zlib
from typing import Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from PIL import Image, ImageDraw, ImageFont
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from integration.sandbox.orders import CENT
from integration.sandbox.woocommerce.model import ApiKey
from integration.sandbox.woocommerce.shop import WooShop

PARAMS: Final = ("app_name", "user_id", "return_url", "callback_url", "scope")
SCOPES: Final = ("read", "write", "read_write")
_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1>{1}</body></html>"


class Denied(Exception):
    """The authorization makes no sense; the text says why."""


class Pages:
    """`trust_http` lets the callback be plain http, which the real one refuses: a loopback test has no https."""

    def __init__(self, shop: WooShop, *, trust_http: bool = False) -> None:
        self._shop = shop
        self._trust_http = trust_http

    def routes(self) -> list[Route]:
        """The pages, the shop's front page among them: any visit lets WP-Cron run."""
        return [
            Route("/wc-auth/v1/authorize", self._ask),
            Route("/wc-auth/v1/access_granted", self._grant),
            Route("/checkout-link/", self._checkout_link),
            Route("/wp-content/uploads/{sku}.jpg", self._picture),
            Route("/", self._front),
        ]

    async def _front(self, request: Request) -> Response:
        self._shop.seen("GET", "")
        return HTMLResponse(_PAGE.format(html.escape(self._shop.name), ""))

    async def _picture(self, request: Request) -> Response:
        """The picture of an article: its name on a colour of its own."""
        sku = request.path_params["sku"]
        name = next((item.name for item in self._shop.items.values() if item.sku.lower() == sku), "")
        return Response(drawn(name), media_type="image/jpeg") if name else Response(status_code=404)

    async def _ask(self, request: Request) -> Response:
        try:
            given = self._checked(request)
        except Denied as error:
            return HTMLResponse(_PAGE.format("Access denied", f"<p>Error: {html.escape(str(error))}.</p>"), 401)
        yes = f"{self._shop.site}/wc-auth/v1/access_granted?{urlencode(given)}"
        no = _with(given["return_url"], success="0", user_id=given["user_id"])
        words = f"<p>{html.escape(given['app_name'])} would like to connect to your store</p>"
        links = f'<a href="{html.escape(no)}">Deny</a> <a href="{html.escape(yes)}">Approve</a>'
        return HTMLResponse(_PAGE.format("Application authentication request", words + links))

    async def _grant(self, request: Request) -> Response:
        try:
            given = self._checked(request)
            await self._hand_over(given)
        except Denied as error:
            return HTMLResponse(_PAGE.format("Access denied", f"<p>Error: {html.escape(str(error))}.</p>"), 401)
        return RedirectResponse(_with(given["return_url"], success="1", user_id=given["user_id"]), 302)

    async def _hand_over(self, given: dict[str, str]) -> None:
        """The keys go to the callback as JSON; anything but a 200 takes them back."""
        key = ApiKey(f"ck_{secrets.token_hex(20)}", f"cs_{secrets.token_hex(20)}", given["scope"])
        body = {
            "key_id": len(self._shop.keys) + 1, "user_id": given["user_id"], "consumer_key": key.key,
            "consumer_secret": key.secret, "key_permissions": key.permissions,
        }  # fmt: skip
        self._shop.keys[key.key] = key
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
                answer = await client.post(given["callback_url"], json=body)
        except httpx.HTTPError:
            answer = httpx.Response(599)
        if answer.status_code != httpx.codes.OK:
            del self._shop.keys[key.key]
            raise Denied("An error occurred in the request and at the time were unable to send the consumer data")

    def _checked(self, request: Request) -> dict[str, str]:
        given = {name: request.query_params.get(name, "") for name in PARAMS}
        for name, value in given.items():
            if not value:
                raise Denied(f"Missing parameter {name}")
        if given["scope"] not in SCOPES:
            raise Denied(f"Invalid scope {given['scope']}")
        for name in ("return_url", "callback_url"):
            if not urlsplit(given[name]).hostname:
                raise Denied(f"The {name} is not a valid URL")
        if not given["callback_url"].startswith("https://") and not self._trust_http:
            raise Denied("The callback_url needs to be over SSL")
        return given

    async def _checkout_link(self, request: Request) -> Response:
        """Fills the cart anew and goes to the checkout; unknown products are skipped. Only from WooCommerce 10."""
        self._shop.seen("GET", "checkout-link")
        if not self._shop.version.modern:
            return HTMLResponse(_PAGE.format("Page not found", ""), 404)
        wanted = (part.partition(":") for part in request.query_params.get("products", "").split(","))
        known = {str(number): item for number, item in self._shop.items.items() if not item.variations}
        cart = {number: count or "1" for number, _, count in wanted if number in known}
        kept = {name: value for name, value in request.query_params.items() if name.startswith("utm_")}
        place = f"{self._shop.site}/{'checkout' if cart else 'cart'}/"
        response = RedirectResponse(f"{place}?{urlencode(kept)}" if kept else place, 302)
        response.headers["X-Sandbox-Cart"] = ",".join(f"{number}:{count}" for number, count in cart.items())
        response.headers["X-Sandbox-Coupon"] = quote(self._coupon(request))
        return response

    def _coupon(self, request: Request) -> str:
        """The coupon if it still works."""
        code = request.query_params.get("coupon", "").lower()
        for row in self._shop.coupons.values():
            limit = row.fields.get("usage_limit")
            open_ = not limit or len(row.used_by) < limit
            if row.code == code and open_ and (row.expires is None or row.expires > self._shop.now()):
                return f"{code} {row.fields['amount'].quantize(CENT)}"
        return ""


def drawn(name: str) -> bytes:
    """A picture for an article that nobody has photographed."""
    hue = zlib.crc32(name.encode()) % 360
    picture = Image.new("RGB", (960, 600), f"hsl({hue}, 38%, 62%)")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((330, 110, 630, 410), fill=f"hsl({hue}, 45%, 82%)")
    pen.text((480, 500), name, f"hsl({hue}, 60%, 16%)", ImageFont.load_default(44), anchor="mm")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _with(url: str, **more: str) -> str:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()} | more
    return parts._replace(query=urlencode(query)).geturl()
