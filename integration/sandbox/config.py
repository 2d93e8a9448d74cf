"""What the sandbox needs to know; every value here is fictional."""

from dataclasses import dataclass


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
    auto_templates: bool = True
    #: seconds until Meta has judged a text; 0 judges at once
    review_delay: float = 0

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
