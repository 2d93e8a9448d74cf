"""Templates for one-time codes: their words are WhatsApp's own, so that an app chooses few things only."""

from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.shapes import Shape, check

COMPONENTS: Final = [
    Shape({
        "type": str, "add_security_recommendation": bool, "code_expiration_minutes": int,
        "buttons": [Shape({
            "type": str, "otp_type": str, "text": str, "autofill_text": str, "zero_tap_terms_accepted": bool,
            "supported_apps": [
                Shape({"package_name": str, "signature_hash": str}, ("package_name", "signature_hash"))
            ],
        }, ("type",))],
    }, ("type",))
]  # fmt: skip
KINDS: Final = ("COPY_CODE", "ONE_TAP", "ZERO_TAP")
EXPIRES: Final = range(1, 91)
MAX_BUTTON: Final = 25
ADDRESS: Final = "https://www.whatsapp.com/otp/code/?otp_type={}&code=otp{{{{1}}}}"
WORDS: Final = {
    "de": ("*{{1}}* ist dein Verifizierungscode.", "Gib ihn nicht weiter.", "Gültig für {} Minuten.", "Code kopieren"),
    "en": ("*{{1}}* is your verification code.", "Do not share it.", "Expires in {} minutes.", "Copy code"),
}


def check_code(value: Any, language: str) -> list[dict[str, Any]]:
    """The components as Meta lists them afterwards, with WhatsApp's words, or a GraphError."""
    check(value, COMPONENTS, "components")
    found = {str(part["type"]).upper(): part for part in value}
    if len(found) < len(value) or not {"BODY", "BUTTONS"} <= set(found) <= {"BODY", "FOOTER", "BUTTONS"}:
        raise GraphError(100, "A template for codes has a BODY, perhaps a FOOTER, and BUTTONS, each once.")
    code, warning, expires, copy = WORDS["de" if language.startswith("de") else "en"]
    body = f"{code} {warning}" if found["BODY"].get("add_security_recommendation") else code
    parts = [{"type": "BODY", "text": body}]
    if minutes := found.get("FOOTER", {}).get("code_expiration_minutes"):
        if minutes not in EXPIRES:
            raise GraphError(100, "code_expiration_minutes must be 1 to 90.")
        parts.append({"type": "FOOTER", "text": expires.format(minutes)})
    return [*parts, {"type": "BUTTONS", "buttons": [_button(found["BUTTONS"].get("buttons") or [], copy)]}]


def _button(buttons: list[dict[str, Any]], words: str) -> dict[str, Any]:
    if len(buttons) != 1 or str(buttons[0]["type"]).upper() != "OTP":
        raise GraphError(100, "A template for codes has exactly one button, of type OTP.")
    kind, text = str(buttons[0].get("otp_type", "")).upper(), buttons[0].get("text") or words
    if kind not in KINDS or len(text) > MAX_BUTTON:
        raise GraphError(100, f"otp_type must be one of {', '.join(KINDS)}, text at most {MAX_BUTTON} characters.")
    if kind != "COPY_CODE" and not buttons[0].get("supported_apps"):
        raise GraphError(100, f"{kind} needs supported_apps.")
    return {"type": "URL", "text": text, "url": ADDRESS.format(kind)}
