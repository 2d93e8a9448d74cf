"""What the sandbox needs to know; every value here is fictional."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: the first number as people write it; further ones end in other digits
FIRST: Final = "+49 221 4710 0900"


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Ports, slugs and pretend secrets of one sandbox."""

    port: int = 8700
    worker_url: str = "http://127.0.0.1:8701"
    dashboard_password: str = ""

    woocommerce_slug: str = "kaffeeladen"
    woocommerce_secret: str = "sandbox-woocommerce-webhook-secret"  # noqa: S105 - pretend
    woocommerce_key: str = "ck_sandbox"
    woocommerce_key_secret: str = "cs_sandbox"  # noqa: S105 - pretend
    woocommerce_version: str = "10.5.2"

    shopify_slug: str = "teeladen"
    shopify_domain: str = "teeladen.myshopify.com"
    shopify_secret: str = "sandbox-shopify-client-secret"  # noqa: S105 - pretend
    shopify_client_id: str = "sandbox-client"

    sender_slug: str = "nummer"
    phone_number_id: str = "100000000000001"
    business_account_id: str = "200000000000001"
    app_id: str = "300000000000001"
    system_user_id: str = "400000000000001"
    whatsapp_token: str = "sandbox-token"  # noqa: S105 - pretend
    app_secret: str = "sandbox-app-secret"  # noqa: S105 - pretend
    verify_token: str = "sandbox-verify"  # noqa: S105 - pretend
    #: the owner has done everything at Meta: the app listens, and the profile leads to the imprint
    set_up: bool = False
    auto_templates: bool = True
    #: seconds until Meta has judged a text; 0 judges at once
    review_delay: float = 0
    #: further numbers of the same account, by id
    more_numbers: Sequence[str] = ()
    #: STANDARD sends 80 messages a second, HIGH 1,000
    throughput: str = "STANDARD"
    #: the WhatsApp Business app uses the number, too: 20 messages a second
    coexistence: bool = False
    #: how many people may be written to within 24 hours, see `limits.TIERS`
    messaging_limit: str = "TIER_2K"
    #: faults that strike anybody: the name of a fate to the share of messages
    lots: Mapping[str, float] = field(default_factory=dict)
    #: how many accepted messages are listed, and how many phones of strangers are kept
    remembered: int = 2000
    most_phones: int = 200

    company_name: str = "Laden Beispiel"
    status_delay: float = 0.6
    latency: float = 0.15
    retry_backoff: float = 0.5
    seed: int = 1
    language: str = "de"

    @property
    def origin(self) -> str:
        """The sandbox's own address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def numbers(self) -> tuple[str, ...]:
        """The ids of all numbers of the account."""
        return (self.phone_number_id, *self.more_numbers)

    def written(self, number: str) -> str:
        """A number of the account as people write it."""
        place = self.numbers.index(number)
        return FIRST if place == 0 else f"+49 221 4710 {900 + place:04d}"

    def displayed(self, number: str) -> str:
        """The same as Meta writes it: digits."""
        return "".join(filter(str.isdigit, self.written(number)))
