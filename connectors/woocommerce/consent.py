"""The consent evidence of an order: the meta `_ladenbote_consent` that is written at placing only.

The check box's own meta proves nothing: a draft can hold "1" before anybody placed an order
(docs/reference/woocommerce.md section 6).
"""

from typing import Any, Final

from connectors.reading import Json, mapping, moment, paragraph, rows, text
from integration.domain.shops.facts import ConsentEvidence

META: Final = "_ladenbote_consent"
TEXTS: Final = ("wording", "version", "phone", "source", "ip", "user_agent", "locale")
PURPOSES: Final = 30


def consent_of(order: Json) -> ConsentEvidence | None:
    """The evidence, None when there is none or when a field is not what the plugin writes."""
    value = _meta(order)
    return _evidence(value) if _well_formed(value) else None


def marketing_consent_of(order: Json) -> ConsentEvidence | None:
    """The evidence of the second box, for marketing. Who, when and where it shares with the first one's."""
    value = _meta(order)
    box = mapping(value.get("marketing"))
    # Without purposes it would count as a consent to order messages.
    if not box.get("purposes"):
        return None
    own = {name: box.get(name) for name in ("granted", "wording", "version", "purposes")}
    return _evidence(value | own) if _well_formed(value | own) else None


def _meta(order: Json) -> Json:
    found = [row.get("value") for row in rows(order.get("meta_data")) if row.get("key") == META]
    return mapping(found[-1]) if found else {}


def _well_formed(value: Json) -> bool:
    texts = all(isinstance(value.get(name), str | None) for name in TEXTS)
    at = value.get("at")
    granted = isinstance(value.get("granted"), bool)
    return texts and granted and moment(at) is not None and _purposes_fit(value)


def _purposes_fit(value: Json) -> bool:
    # Dropping purposes that we cannot read would widen the consent.
    purposes = value.get("purposes", [])
    few = isinstance(purposes, list) and len(purposes) <= PURPOSES
    return few and all(isinstance(one, str) for one in purposes)


def _evidence(value: Json) -> ConsentEvidence:
    at = moment(value["at"])
    evidence: ConsentEvidence = {
        "granted": value["granted"],
        "at": at.isoformat() if at else "",
        "wording": paragraph(value.get("wording")),
        "version": text(value.get("version")),
        "phone": text(value.get("phone"), 40),
        "source": text(value.get("source"), 40),
        "raw": _raw(value),
    }
    if "purposes" in value:
        evidence["purposes"] = [text(one, 100) for one in value["purposes"]]
    return evidence


def _raw(value: Json) -> dict[str, Any]:
    return {name: text(value.get(name), 300) for name in ("ip", "user_agent", "locale")}
