"""The WhatsApp Business Cloud API, Meta's own or a partner's (docs/reference/whatsapp.md)."""

from connectors.whatsapp.client import WhatsAppChannel
from connectors.whatsapp.settings import SenderSettings
from connectors.whatsapp.webhook import WEBHOOK

__all__ = ["WEBHOOK", "SenderSettings", "WhatsAppChannel"]
