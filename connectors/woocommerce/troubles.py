"""What can go wrong between us and a shop, as sentences that an owner understands.

Only what WooCommerce says in codes and numbers is read: its messages are in the shop's language.
"""

from typing import Final

from integration.domain.errors import ShopBusy, ShopError, ShopRefused, ShopUnreachable
from integration.domain.text import Text

UNREACHABLE: Final = {
    "no_connection": Text(
        "Der Shop ist nicht erreichbar. Bitte prüfen Sie die Adresse und ob der Server läuft.",
        "The shop cannot be reached. Please check the address and whether its server runs.",
    ),
    "timeout": Text(
        "Der Shop hat nicht rechtzeitig geantwortet. Wir versuchen es später mit kleineren Anfragen.",
        "The shop did not answer in time. We try again later with smaller requests.",
    ),
    "cut_off": Text(
        "Die Antwort des Shops brach ab. Wir versuchen es später noch einmal.",
        "The shop's answer broke off. We try again later.",
    ),
    "too_large": Text(
        "Die Antwort des Shops war größer als erlaubt. Wir fragen in kleineren Teilen.",
        "The shop's answer was larger than allowed. We ask for smaller parts.",
    ),
    "maintenance": Text(
        "Der Shop ist gerade in Wartung oder überlastet (503). Wir warten und holen alles nach.",
        "The shop is in maintenance or overloaded (503). We wait and catch up.",
    ),
    "shop_error": Text(
        "Im Shop ist ein Fehler passiert (5xx). Der Grund steht im Fehlerprotokoll des Shops.",
        "Something failed inside the shop (5xx). Its own error log tells why.",
    ),
    "no_json": Text(
        "Der Shop antwortet mit einer Webseite statt mit Daten: eine Wartungsseite, eine Firewall, oder ein Plugin "
        "gibt Text aus.",
        "The shop answers with a web page instead of data: a maintenance page, a firewall, or a plugin that prints "
        "text.",
    ),
    "no_total": Text(
        "Dem Shop fehlt in der Antwort X-WP-TotalPages. Ein Proxy oder Cache entfernt den Kopf; bitte durchlassen.",
        "The shop's answer lacks X-WP-TotalPages. A proxy or cache removes the header; please let it through.",
    ),
}
REFUSED: Final = {
    "wrong_key": Text(
        "Der Shop kennt die REST-Schlüssel nicht. Bitte legen Sie sie in WooCommerce unter Einstellungen → "
        "Erweitert → REST-API neu an und tragen Sie beide ein.",
        "The shop does not know the REST keys. Please make new ones in WooCommerce under Settings → Advanced → "
        "REST API and enter both.",
    ),
    "clock": Text(
        "Die Uhren von Shop und Ladenbote gehen mehr als 13 Minuten auseinander; ohne https lehnt WooCommerce dann "
        "alles ab. Bitte stellen Sie die Uhr richtig (NTP) oder verwenden Sie https.",
        "The clocks of the shop and of Ladenbote differ by more than 13 minutes; without https WooCommerce then "
        "refuses everything. Please set the clock right (NTP) or use https.",
    ),
    "read_only_key": Text(
        "Der REST-Schlüssel darf nur lesen. Bitte legen Sie einen mit der Berechtigung „Lesen/Schreiben“ an.",
        "The REST key may only read. Please make one with the permission “Read/Write”.",
    ),
    "keys_not_seen": Text(
        "WooCommerce sieht unsere Schlüssel nicht oder ihr Benutzer darf das nicht. Häufigster Grund: Vor dem Shop "
        "steht ein https-Proxy und PHP merkt nichts von https (in wp-config.php bei X-Forwarded-Proto=https "
        "$_SERVER['HTTPS']='on' setzen), oder der Server reicht den Authorization-Header nicht an PHP weiter.",
        "WooCommerce does not see our keys, or their user may not do this. The usual reason: an https proxy stands "
        "before the shop and PHP does not notice https (in wp-config.php set $_SERVER['HTTPS']='on' when "
        "X-Forwarded-Proto is https), or the server does not pass the Authorization header to PHP.",
    ),
    "forbidden": Text(
        "Der Shop lässt uns nicht an diese Daten (403). Sicherheits-Plugins sperren oft die REST-API: bitte dort "
        "wc/v3 erlauben.",
        "The shop does not let us have these data (403). Security plugins often close the REST API: please allow "
        "wc/v3 there.",
    ),
    "firewall": Text(
        "Eine Firewall oder ein Kennwortschutz vor dem Shop weist uns ab. Bitte lassen Sie beim Hoster die "
        "Adresse dieses Servers und /wp-json/wc/v3/ zu.",
        "A firewall or a password before the shop turns us away. Please have the host allow this server's address and "
        "/wp-json/wc/v3/.",
    ),
    "no_rest": Text(
        "Unter dieser Adresse gibt es keine REST-API von WooCommerce. Bitte prüfen Sie die Adresse und wählen Sie in "
        "WordPress unter Einstellungen → Permalinks etwas anderes als „Einfach“.",
        "There is no REST API of WooCommerce at this address. Please check the address, and in WordPress under "
        "Settings → Permalinks choose anything but “Plain”.",
    ),
    "absent": Text(
        "Das gibt es in diesem Shop nicht (404): gelöscht, oder WooCommerce oder sein Plugin ist nicht aktiv.",
        "This does not exist in this shop (404): deleted, or WooCommerce or the plugin for it is not active.",
    ),
    "rejected": Text(
        "Der Shop nimmt die Anfrage so nicht an (400).",
        "The shop does not take the request as it is (400).",
    ),
    "certificate": Text(
        "Das Zertifikat des Shops ist ungültig, abgelaufen oder für einen anderen Namen ausgestellt.",
        "The shop's certificate is invalid, has expired or was made for another name.",
    ),
}
BUSY: Final = Text(
    "Der Shop oder sein Hoster begrenzt unsere Anfragen (429). Wir warten und holen alles nach.",
    "The shop or its host limits our requests (429). We wait and catch up.",
)


class Rejected(ShopRefused):
    """WooCommerce found fault with the request itself; `reason` is its code, `detail` its message (never shown)."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__("rejected", REFUSED["rejected"])
        self.reason = reason
        self.detail = detail


def unreachable(code: str, wait: float = 0) -> ShopUnreachable:
    """No answer, or none of a working shop."""
    return ShopUnreachable(code, UNREACHABLE[code], wait)


def refused(code: str) -> ShopRefused:
    """The shop does not let us."""
    return ShopRefused(code, REFUSED[code])


def busy(wait: float) -> ShopBusy:
    """The shop wants us to slow down."""
    return ShopBusy("limited", BUSY, wait)


def moved(origin: str) -> ShopError:
    """The shop redirects; a redirected POST would become a GET, so the address has to be mended."""
    return ShopRefused(
        "moved",
        Text(
            f"Der Shop leitet weiter nach {origin}. Bitte tragen Sie seine endgültige Adresse ein.",
            f"The shop redirects to {origin}. Please enter its final address.",
        ),
    )
