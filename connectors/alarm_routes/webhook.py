"""Notices to an address of the owner's own, as signed JSON."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
import orjson

from connectors.alarm_routes.settings import WebhookSettings
from integration.domain.alarms.alarm_texts import Notice
from integration.domain.errors import NoticeFailed
from integration.domain.signing import sign

TIMEOUT: Final = 10.0


class Webhook:
    """Posts each notice to the one address of the settings; follows no redirect, uses no proxy."""

    name = "webhook"

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings

    @property
    def target(self) -> str:
        """Which host is told, for the owner's eyes; a path may hold a secret."""
        return urlsplit(self._settings.url).hostname or ""

    def send(self, notice: Notice, at: datetime) -> None:
        """Post it. Raises NoticeFailed unless the answer is one of success."""
        body = orjson.dumps({"subject": notice.subject, "text": notice.text, **notice.data})
        headers = {"content-type": "application/json", **sign(self._settings.secret.get_secret_value(), body, at)}
        try:
            with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as http:
                answer = http.post(self._settings.url, content=body, headers=headers)
        except httpx.HTTPError:
            raise NoticeFailed("unreachable") from None
        if not answer.is_success:
            raise NoticeFailed(f"answered_{answer.status_code}")
