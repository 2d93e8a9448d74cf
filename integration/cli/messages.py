"""Messages: replay, replay-webhooks, send-document, send-test, test-alarm."""

from datetime import UTC, datetime
from pathlib import Path

import click

from integration.cli.base import main, settings_option


@main.command()
@settings_option
@click.option("--since", "days", default="30d", show_default=True, help="How far back, in days, like 30d.")
def replay(file: Path, days: str) -> None:
    """Say what today's rules would have sent for the orders of the last days. Sends and stores nothing."""
    from integration.cli.rehearsal_report import rehearse_and_say
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

    number = days.removesuffix("d")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) <= 3650:
        raise click.UsageError("--since takes a number of days, like 30d.")
    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        for line in rehearse_and_say(world, int(number), settings.language):
            click.echo(line)


@main.command("replay-webhooks")
@settings_option
@click.option(
    "--since", type=click.DateTime(), required=True, metavar="DATE", help="From when on (UTC), at most 14 days back."
)
@click.option("--channel", type=click.Choice(["meta", "shop"]), help="Only what WhatsApp or the shops posted.")
def replay_webhooks(file: Path, since: datetime, channel: str | None) -> None:
    """Deal once more with what shops and WhatsApp posted. What is known already changes nothing and sends nothing."""
    from integration.run.wiring import ensure_usable, now, opened
    from integration.settings.settings import load
    from integration.store.webhooks import inbox

    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        with world.database.write() as connection:
            count = inbox.replay(connection, since.replace(tzinfo=UTC), now(), channel or "")
    click.echo(f"{count} bodies are dealt with once more by a running Ladenbote.")


@main.command("send-document")
@settings_option
@click.argument("pdf", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--order", required=True, help="The order's number, as your customers read it.")
@click.option("--shop", help="The shop's short name in the settings, when there are several.")
@click.option(
    "--what",
    type=click.Choice(["invoice", "correction", "delivery_note", "other"]),
    default="invoice",
    show_default=True,
    metavar="WHAT",
    help="invoice, correction, delivery_note or other: the message says so.",
)
def send_document(file: Path, pdf: Path, order: str, shop: str | None, what: str) -> None:
    """Queue a PDF for an order, for example its invoice. A running Ladenbote sends it.

    It goes out as a message about the order does: only to who agreed to such messages. The same file goes out once.
    """
    from integration.flow.notifications.documents import queue_document
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

    settings = load(file)
    with opened(settings, file.absolute().parent) as world, pdf.open("rb") as content:
        ensure_usable(world)
        said = queue_document(world, shop, order, what, pdf.name, iter(lambda: content.read(65_536), b""))
    click.echo(said)


@main.command("send-test")
@settings_option
@click.argument("phone")
@click.option("--sender", help="The number to write from, when there are several.")
@click.option("--yes", is_flag=True, help="Do not ask: the phone is yours and you want this message.")
def send_test(file: Path, phone: str, sender: str | None, yes: bool) -> None:
    """Queue a test message to your own PHONE (like +491711234567). A running Ladenbote sends it.

    Like every message it needs consent: you confirm that the phone is yours, and that is recorded.
    """
    from integration.flow.numbers.send_test import queue_test
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

    settings = load(file)
    if not yes:
        click.confirm("Is this your own phone, and do you want a test message on it?", abort=True)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        said = queue_test(world, phone, sender, settings.country, settings.language)
    click.echo(said)


@main.command("test-alarm")
@settings_option
def test_alarm(file: Path) -> None:
    """Send a test alarm by every route of [alarms]: does it reach you? A running Ladenbote sends WhatsApp's."""
    from integration.cli.alarm_report import test_routes
    from integration.settings.settings import load

    well, lines = test_routes(load(file), file.absolute().parent)
    for line in lines:
        click.echo(line)
    raise SystemExit(0 if well else 1)
