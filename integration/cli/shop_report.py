"""`ladenbote doctor`: what shops and WhatsApp numbers say of themselves, in plain lines. Changes nothing there."""

from collections.abc import Iterator

from integration.domain.errors import SettingsError
from integration.domain.numbers.diagnostics import findings
from integration.domain.shops.ports import Finding, Level
from integration.flow.world import World

SIGNS = {Level.OK: "ok   ", Level.HINT: "hint ", Level.FAULT: "FAULT"}
NO_KEYS = "has no API keys yet: it is not asked, only its webhooks are heard"


def report(world: World, only: str | None, language: str) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each is good. Raises SettingsError for a shop that does not exist."""
    if only is not None and only not in world.shops:
        raise SettingsError(f"There is no [shops.{only}] in the settings.")
    if not world.shops and not world.senders:
        yield "There is no shop and no number yet: add a [shops.…] table to the settings.", False
    for slug in [only] if only else world.shops:
        yield f"{slug} ({world.shops[slug].name})", True
        link = world.links.link(slug)
        if link is None:
            yield f"  {SIGNS[Level.HINT]}  {NO_KEYS}", True
            continue
        for finding in link.diagnose(world.clock()):
            yield from _lines(finding, language)
    if only is None:
        yield from _numbers(world, language)


def _numbers(world: World, language: str) -> Iterator[tuple[str, bool]]:
    for slug, sender in world.senders.items():
        yield f"{slug} ({sender.number or 'WhatsApp'})", True
        for finding in findings(sender.management.facts(), world.clock()):
            yield from _lines(finding, language)


def _lines(finding: Finding, language: str) -> Iterator[tuple[str, bool]]:
    good = finding.level is not Level.FAULT
    yield f"  {SIGNS[finding.level]}  {finding.text.in_(language)}", good
    if finding.remedy:
        yield f"         → {finding.remedy.in_(language)}", good
