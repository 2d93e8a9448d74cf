"""Parcel carriers: one name and one tracking page for what shops and plugins call them.

Used for the name everywhere, and for the page only when the shop gives no link of its own.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier as customers know it; `{number}` in `page` is the tracking number."""

    name: str
    words: re.Pattern[str]
    page: str

    def url(self, number: str) -> str:
        """The tracking page of one parcel."""
        return self.page.format(number=quote(number, safe=""))


def _carrier(name: str, words: str, page: str) -> Carrier:
    return Carrier(name, re.compile(rf"\b(?:{words})\b"), page)


#: the first match wins, so the narrower names stand first
CARRIERS: tuple[Carrier, ...] = (
    _carrier(
        "DHL Express",
        "dhl express|dhlexpress",
        "https://www.dhl.com/de-de/home/tracking.html?tracking-id={number}",
    ),
    _carrier(
        "DHL",
        "dhl\\w*",
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
    ),
    _carrier(
        "Österreichische Post",
        "(?:öster|oester)reich\\w* post|post österreich|austrian? post|post at",
        "https://www.post.at/sv/sendungsdetails?snr={number}",
    ),
    _carrier(
        "Swiss Post",
        "swiss ?post|schweizer\\w* post|die schweizerische post|post ch|post schweiz",
        "https://service.post.ch/ekp-web/ui/entry/search/{number}",
    ),
    _carrier(
        "Deutsche Post",
        "deutsche ?post|post de",
        "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
    ),
    _carrier("DPD", "dpd", "https://tracking.dpd.de/status/de_DE/parcel/{number}"),
    _carrier("GLS", "gls", "https://gls-group.eu/DE/de/paketverfolgung?match={number}"),
    _carrier(
        "Hermes",
        "hermes|myhermes",
        "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
    ),
    _carrier("UPS", "ups", "https://www.ups.com/track?tracknum={number}"),
    _carrier("FedEx", "fedex|federal express", "https://www.fedex.com/fedextrack/?trknbr={number}"),
)


@lru_cache(maxsize=1024)
def carrier_named(name: str) -> Carrier | None:
    """The carrier behind a name or slug ("DHL Germany", "dhl-de", "post.at"), or None when we know none."""
    plain = _SEPARATORS.sub(" ", name.casefold()).strip()
    return next((carrier for carrier in CARRIERS if carrier.words.search(plain)), None)


def carrier_name(name: str, url: str = "") -> str:
    """How to write the carrier to a customer; a name that we do not know stays as the shop wrote it.

    Without a name the host of the tracking link tells it.
    """
    carrier = carrier_named(name or _host(url))
    return carrier.name if carrier else name


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def tracking_url(name: str, number: str) -> str:
    """The carrier's tracking page for a number, "" when carrier or number are unknown."""
    carrier = carrier_named(name) if number else None
    return carrier.url(number) if carrier else ""
