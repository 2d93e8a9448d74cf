"""Notices by e-mail (SMTP), encrypted and with timeouts."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final

from connectors.alarm_routes.settings import MailSettings
from integration.domain.alarms.alarm_texts import Notice
from integration.domain.errors import NoticeFailed

#: seconds for each step of the conversation
TIMEOUT: Final = 15.0


class Mail:
    """The owner's mail server."""

    name = "mail"

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def target(self) -> str:
        """Who is told, for the owner's eyes."""
        return ", ".join(self._settings.to)

    def send(self, notice: Notice, at: datetime) -> None:
        """Hand it to the server. Raises NoticeFailed, which names no address."""
        try:
            with self._connected() as server:
                server.send_message(self._message(notice, at))
        except smtplib.SMTPAuthenticationError:
            raise NoticeFailed("login") from None
        except ssl.SSLError:
            raise NoticeFailed("certificate") from None
        except smtplib.SMTPNotSupportedError as error:
            raise NoticeFailed("no_login" if "AUTH" in str(error) else "no_starttls") from None
        except smtplib.SMTPResponseException as error:
            raise NoticeFailed(f"refused_{error.smtp_code}") from None
        except smtplib.SMTPRecipientsRefused:
            raise NoticeFailed("recipients") from None
        except (smtplib.SMTPException, OSError):
            raise NoticeFailed("unreachable") from None

    def _connected(self) -> smtplib.SMTP:
        chosen = self._settings
        context = ssl.create_default_context()
        if chosen.security == "ssl":
            server: smtplib.SMTP = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(chosen.host, chosen.port, timeout=TIMEOUT)
        try:
            if chosen.security == "starttls":
                server.starttls(context=context)
            if chosen.user:
                server.login(chosen.user, chosen.password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, notice: Notice, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = "".join(c for c in " ".join(notice.subject.split()) if c.isprintable())
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.text)
        return message
