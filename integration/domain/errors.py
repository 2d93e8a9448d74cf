"""Every exception of ours, as a tree. The docstring is the sentence that a person reads.

LadenboteError
├── SettingsError            settings.toml is wrong
├── AddressTaken             somebody else listens on server.port
├── StoreError
│   ├── SchemaOutdated       the database needs `ladenbote db upgrade`
│   ├── SchemaTooNew         the database was written by a newer Ladenbote
│   ├── AlreadyRunning       another process holds the run lock
│   ├── Unreachable          the database does not answer
│   ├── KeysMissing          master.key or the keys database is not there, but the data are
│   ├── SecretUnreadable     master.key does not fit the stored secrets
│   └── LedgerBroken         a consent ledger was changed behind our back
├── ConnectorError
│   ├── Malformed            a body that its platform would never send
│   └── ShopError            the shop's API did not give what was asked
│       ├── ShopUnreachable  no answer, or none of a working shop (a timeout, 5xx, HTML, maintenance)
│       ├── ShopBusy         the shop wants us to slow down
│       └── ShopRefused      the shop does not let us (keys, scopes, a moved or closed shop)
├── NoticeFailed             the owner could not be told by one route
└── ChannelError
    ├── NotSent              certainly not accepted; sending again is safe
    ├── Refused              the channel answered with an error of its own
    │   └── Unfit            we did not even ask: Meta would have to refuse it
    └── OutcomeUnknown       it may or may not have been accepted
"""

from dataclasses import dataclass

from integration.domain.actions import Action
from integration.domain.text import Text


class LadenboteError(Exception):
    """Something went wrong that a person can put right."""


class SettingsError(LadenboteError):
    """settings.toml is wrong; the message names key, line and remedy."""


class AddressTaken(LadenboteError):
    """Somebody else listens where the dashboard should."""


class StoreError(LadenboteError):
    """The database cannot be used as it is."""


class SchemaOutdated(StoreError):
    """The database is older than this Ladenbote. Remedy: run `ladenbote db upgrade`."""


class SchemaTooNew(StoreError):
    """The database was written by a newer Ladenbote. Remedy: install that version again."""


class AlreadyRunning(StoreError):
    """Another `ladenbote run` already works on this database."""


class Unreachable(StoreError):
    """The database does not answer."""


class KeysMissing(StoreError):
    """The data are here, their keys are not. Remedy: put master.key and the keys database back from their backup."""


class SecretUnreadable(StoreError):
    """A stored secret cannot be decrypted. Remedy: put back the master.key that belongs to this database."""


class LedgerBroken(StoreError):
    """A consent ledger was changed behind our back: marketing rests. Remedy: `ladenbote ledger verify` says where."""


class ConnectorError(LadenboteError):
    """A shop platform did something that its connector cannot use."""


class Malformed(ConnectorError):
    """A correctly signed body that does not have the shape its topic promises."""


class ShopError(ConnectorError):
    """The shop's API did not give what was asked for; `explanation` says what happened and what to do.

    `code` is a short stable name (`wrong_key`, `timeout`, …), `wait` the seconds that the shop asked us to wait.
    Its text never holds keys, tokens or a customer's data.
    """

    def __init__(self, code: str, explanation: Text, wait: float = 0) -> None:
        super().__init__(explanation.en)
        self.code = code
        self.explanation = explanation
        self.wait = wait


class ShopUnreachable(ShopError):
    """No answer, or none of a working shop; later it may be better."""


class ShopBusy(ShopError):
    """The shop limits us; after `wait` seconds it goes on."""


class ShopRefused(ShopError):
    """The shop does not let us; somebody has to change something."""


class NoticeFailed(LadenboteError):
    """The owner could not be told by this route; `code` is a short stable name without any address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return remedy_of(self.code)


_NOTICE_REMEDIES = {
    "login": Text(
        "Der Mailserver nimmt Benutzer und Passwort nicht an", "the mail server does not accept user and password"
    ),
    "no_login": Text(
        "Der Mailserver nimmt hier kein Passwort; lassen Sie user und password weg, oder nehmen Sie einen anderen Port",
        "the mail server takes no password here; leave out user and password, or choose another port",
    ),
    "certificate": Text(
        "Das Zertifikat des Mailservers gilt nicht für diesen Namen",
        "the mail server's certificate is not valid for this host name",
    ),
    "no_starttls": Text(
        'Der Mailserver kennt kein STARTTLS; versuchen Sie security = "ssl" mit Port 465',
        'the mail server knows no STARTTLS; try security = "ssl" with port 465',
    ),
    "recipients": Text(
        "Der Mailserver nimmt keine der Adressen in to an", "the mail server accepts none of the addresses in to"
    ),
    "refused_": Text(
        "Der Mailserver lehnt mit Code {code} ab; ist sender eine Adresse von Ihnen?",
        "the mail server refused with code {code}; is sender an address of yours?",
    ),
    "answered_": Text(
        "Die Adresse antwortet mit HTTP-Status {code}; sie muss mit 2xx antworten, Weiterleitungen folgen wir nicht",
        "the address answered with HTTP status {code}; it must answer 2xx, and redirects are not followed",
    ),
    "no_number": Text(
        "Die Nummer aus [alarms.whatsapp] gibt es nicht; stimmt sender?",
        "the number of [alarms.whatsapp] is not there; is sender right?",
    ),
    "not_allowed_": Text(
        "An dieses Telefon darf nichts gehen ({code}); setzen Sie nach einem STOP agreed_on auf heute",
        "no message may go to this phone ({code}); after STOP set agreed_on to today",
    ),
    "unreachable": Text(
        "Keine Verbindung; prüfen Sie host und port oder die Adresse",
        "no connection; check host and port, or the address",
    ),
    "fault": Text(
        "Ein Fehler von uns; bitte melden Sie ihn mit dem Protokoll", "a fault of ours; please report it with the log"
    ),
}


def remedy_of(code: str, language: str = "en") -> str:
    """What to do about a `NoticeFailed` with this code."""
    known = next((prefix for prefix in _NOTICE_REMEDIES if code.startswith(prefix)), None)
    return _NOTICE_REMEDIES[known].in_(language).format(code=code.removeprefix(known)) if known else code


class ChannelError(LadenboteError):
    """The WhatsApp Cloud API did not simply accept a message."""


class NotSent(ChannelError):
    """The request never left, so the message was certainly not accepted."""


class OutcomeUnknown(ChannelError):
    """The request may have left; only a status with our attempt id can tell."""


@dataclass(eq=False)
class Refused(ChannelError):
    """Meta answered with its error envelope: the message was not accepted.

    `code` is Graph's error code, the only thing to act on (docs/reference/whatsapp.md section 5); `action` is what
    the table says to do about it, after `wait` seconds, at most `tries` times in all (0: until the message expires).
    """

    code: int
    http_status: int
    detail: str
    action: Action
    wait: float = 0
    tries: int = 0

    def __str__(self) -> str:
        return f"Meta refused with code {self.code}"


class Unfit(Refused):
    """A message that Meta would have to refuse: it was never sent. `detail` says which limit it breaks."""

    def __init__(self, detail: str) -> None:
        super().__init__(code=131009, http_status=0, detail=detail, action=Action.FAIL)

    def __str__(self) -> str:
        return f"Meta would refuse this message: {self.detail}"
