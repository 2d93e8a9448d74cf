"""Who buys what: fictional customers, goods, and the words beside the box at checkout."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Customer:
    """One person of the play; `typed_phone` is what this person writes into the form."""

    key: str
    first_name: str
    last_name: str
    typed_phone: str
    e164: str
    street: str
    postcode: str
    city: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """An address that can never exist."""
        return f"{self.key}@example.com"


@dataclass(frozen=True, slots=True)
class Product:
    """One article; the price includes VAT."""

    id: int
    sku: str
    name: str
    price: Decimal
    grams: int


CUSTOMERS: Final[dict[str, Customer]] = {
    c.key: c
    for c in (
        Customer("anna", "Anna", "Beispiel", "0171 3920011", "+491713920011", "Musterweg 1", "50667", "Köln"),
        Customer("ben", "Ben", "Muster", "+49 171 39200-22", "+491713920022", "Probeallee 22", "20095", "Hamburg"),
        Customer("carla", "Carla", "Probe", "0171/3920033", "+491713920033", "Beispielgasse 3", "80331", "München"),
        Customer("deniz", "Deniz", "Demo", "0171 39200 44", "+491713920044", "Demoplatz 4", "10115", "Berlin"),
    )
}

COFFEE: Final = (
    Product(11, "KA-500", "Röstung Hafen, 500 g", Decimal("14.90"), 500),
    Product(12, "KA-250", "Espresso Nacht, 250 g", Decimal("9.50"), 250),
    Product(13, "FI-100", "Papierfilter, 100 Stück", Decimal("4.90"), 180),
)
TEA: Final = (
    Product(8_101_000_000_011, "TE-GR", "Grüner Tee Morgen, 100 g", Decimal("8.90"), 100),
    Product(8_101_000_000_012, "TE-KR", "Kräuter Abend, 80 g", Decimal("6.50"), 80),
    Product(8_101_000_000_013, "TE-DO", "Teedose Blech", Decimal("11.00"), 240),
)

WORDING_VERSION: Final = "2026-11-de-1"
_WORDING: Final = (
    "Bestell-Updates per WhatsApp: {company} darf mir zu meinen Bestellungen Bestätigung, Zahlungs- und "
    "Versandinfos per WhatsApp an {phone} schicken. Freiwillig, mit STOP jederzeit beendbar. "
    "Datenschutz: {link}"
)


def wording(company: str, phone: str, link: str) -> str:
    """The sentence beside the box, as this customer saw it."""
    return _WORDING.format(company=company, phone=phone, link=link)
