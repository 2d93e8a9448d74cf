"""Carriers: one name and one tracking page for what shops and plugins call them."""

import pytest

from integration.domain.shops.carriers import carrier_name, tracking_url

NAMES = {
    "DHL": ["DHL", "dhl", "DHL Germany", "dhl-de", "dhl_paket", "DHL Paket", "Deutsche Post DHL"],
    "DHL Express": ["DHL Express", "dhl-express"],
    "Deutsche Post": ["Deutsche Post", "deutsche-post", "deutschepost"],
    "DPD": ["DPD", "dpd-de", "DPD.at"],
    "GLS": ["GLS", "gls-germany"],
    "Hermes": ["Hermes", "hermes-de", "myHermes"],
    "UPS": ["UPS", "ups"],
    "FedEx": ["FedEx", "fedex", "Federal Express"],
    "Österreichische Post": ["post.at", "Österreichische Post", "austria-post", "Austrian Post"],
    "Swiss Post": ["Swiss Post", "swiss-post", "Schweizerische Post", "post.ch"],
}
FLAT = [(written, name) for name, all_written in NAMES.items() for written in all_written]


@pytest.mark.parametrize(("written", "name"), FLAT)
def test_names_and_slugs(written: str, name: str) -> None:
    assert carrier_name(written) == name
    assert tracking_url(written, "A 1/2").startswith("https://")
    assert "A%201%2F2" in tracking_url(written, "A 1/2")


@pytest.mark.parametrize("written", ["Radkurier", "Group Six", "Postillion", ""])
def test_an_unknown_carrier_keeps_its_name_and_has_no_page(written: str) -> None:
    assert carrier_name(written) == written
    assert tracking_url(written, "1") == ""


def test_without_name_the_links_host_tells_the_carrier() -> None:
    assert carrier_name("", "https://www.dhl.de/de/verfolgen?piececode=1") == "DHL"
    assert carrier_name("", "https://kurier.example/dhl/1") == ""
    assert carrier_name("", "https://[kaputt") == ""


def test_no_number_no_page() -> None:
    assert tracking_url("DHL", "") == ""
