"""The command `ladenbote`.

Exit codes: 0 all well, 1 something to put right (said in plain words), 2 wrong usage, 3 the address is taken.

Commands import what they need when they run: `--help` and `version` answer at once.
"""

import json
import os
import secrets
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import click

from integration import log
from integration.domain.errors import AddressTaken, LadenboteError

DEFAULT_FILE = Path("settings.toml")
#: of `sandbox`: Meta's limits of people per day, and what statuses can be like
TIER_NAMES = ("250", "2K", "10K", "100K", "unlimited")
UNTIDY = ("shuffle", "duplicate", "batch", "lose", "skip_delivered", "hide_phones")


class Plainly(click.Group):
    """Errors of ours end as one sentence and exit code 1, not as a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except LadenboteError as error:
            click.echo(f"Error: {error or error.__doc__}", err=True)
            raise SystemExit(3 if isinstance(error, AddressTaken) else 1) from error


settings_option = click.option(
    "--settings",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    envvar="LADENBOTE_SETTINGS",
    help="The settings file.",
)


@click.group(cls=Plainly, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Ladenbote turns shop orders into consent-checked WhatsApp messages.

    First time? `ladenbote demo` shows everything with a pretend shop and a pretend phone, no account needed.
    Then `ladenbote init` makes a settings file, `ladenbote check` says what is still missing, and
    `ladenbote run` does the work.
    """
    os.umask(0o077)  # databases, keys and logs are the owner's alone


@main.command()
@settings_option
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Yours.")
def init(file: Path, language: str) -> None:
    """Make a settings file, the databases and the dashboard's first password."""
    from integration.first_run import initialise

    for line in initialise(file, language):
        click.echo(line)


@main.command()
@settings_option
def check(file: Path) -> None:
    """Say whether everything fits together. Sends nothing."""
    from integration.checks import run_checks

    results = run_checks(file)
    for result in results:
        click.echo(f"{'ok  ' if result.ok else 'FAIL'}  {result.name}: {result.detail}")
    if not all(result.ok for result in results):
        raise SystemExit(1)


@main.command()
@settings_option
@click.option("--no-web", is_flag=True, help="Work only: no dashboard, no webhook addresses.")
def run(file: Path, no_web: bool) -> None:
    """Do the work: receive, react, send, answer, and show the dashboard."""
    from integration.settings import load
    from integration.worker import Worker

    settings = load(file)
    log.configure(settings.log.level, settings.log.json_lines)
    if not no_web:
        server = settings.server
        click.echo(f"Ladenbote: dashboard on http://{server.host}:{server.port} (Ctrl-C ends it)", err=True)
    Worker(settings, file.absolute().parent, web=not no_web).run()


@main.command()
@settings_option
@click.argument("shop", required=False)
def doctor(file: Path, shop: str | None) -> None:
    """Ask shops and WhatsApp numbers what they can do and what is wrong; all of them, or one SHOP."""
    from integration.settings import load
    from integration.shop_report import report
    from integration.wiring import ensure_usable, opened

    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        well = True
        for line, good in report(world, shop, settings.language):
            click.echo(line)
            well = well and good
    raise SystemExit(0 if well else 1)


@main.command()
@settings_option
@click.password_option("--new", prompt="New password for the dashboard", help="Asked for when not given.")
def password(file: Path, new: str) -> None:
    """Set the dashboard's password anew and sign everybody out."""
    from integration.settings import load
    from integration.web import auth
    from integration.wiring import ensure_usable, now, opened

    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        auth.set_password(world.database, world.vault, new, now())
    click.echo("The password is set.")


@main.command()
@settings_option
@click.argument("shop", required=False)
@click.option("--code", prompt="Pairing code from the plugin's page", help="Asked for when not given.")
def pair(file: Path, shop: str | None, code: str) -> None:
    """Connect the companion plugin of a WooCommerce SHOP by its pairing code."""
    from integration.pairing import pair as pair_shop
    from integration.pairing import shop_to_pair
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

    settings = load(file)
    slug = shop_to_pair(settings, shop)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        said = pair_shop(settings, world, slug, code)
    click.echo(said)


@main.group()
def db() -> None:
    """The databases."""


@db.command("upgrade")
@settings_option
def db_upgrade(file: Path) -> None:
    """Bring the databases to this version's schema."""
    from integration.settings import load
    from integration.wiring import opened, upgrade

    with opened(load(file), file.absolute().parent) as world:
        upgrade(world)
    click.echo("The databases are up to date.")


@main.group()
def ledger() -> None:
    """The consent ledger: is it whole, and the proof of that."""


@ledger.command("verify")
@settings_option
@click.option(
    "--checkpoints",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of checkpoints that was kept elsewhere.",
)
def ledger_verify(file: Path, kept: Path | None) -> None:
    """Look for edited, removed and cut rows in every ledger, and compare it with its signed checkpoints."""
    from integration.domain.checkpoint import read_lines
    from integration.flow import evidence
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

    elsewhere = read_lines(kept.read_text("utf-8")) if kept else []
    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        reports = evidence.verify(world, elsewhere)
    for report in reports:
        verdict = "FAIL" if report.faults else "ok  "
        click.echo(f"{verdict}  {report.company}: {report.rows} rows, {report.checkpoints} checkpoints")
        for fault in report.faults:
            click.echo(f"      {evidence.sentence(fault).en}")
    if not reports:
        click.echo("ok    no consent is recorded yet")
    if any(report.faults for report in reports):
        raise SystemExit(1)


@ledger.command("checkpoint")
@settings_option
def ledger_checkpoint(file: Path) -> None:
    """Sign the present end of every ledger and print the newest checkpoints, to be kept on another machine."""
    from integration.flow import evidence
    from integration.settings import load
    from integration.store import checkpoints
    from integration.wiring import ensure_usable, now, opened

    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        evidence.take_checkpoints(world, now())
        with world.database.read() as connection:
            found = checkpoints.latest(connection)
    for item in found:
        click.echo(item.line())


class OfSomebody(click.Group):
    """`proof PHONE` makes the sheet of a person; everything else is a command."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take what is no command for a person."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["of", *args])


@main.group(cls=OfSomebody)
def proof() -> None:
    """What somebody agreed to, as a signed document: `ladenbote proof PHONE` or `ladenbote proof CONTACT-ID`."""


@proof.command("of")
@settings_option
@click.argument("who", metavar="PHONE|CONTACT-ID")
@click.option("--language", type=click.Choice(["de", "en"]), help="Of the PDF; the dashboard's when not given.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Into this folder."
)
def proof_of(file: Path, who: str, language: str | None, folder: Path) -> None:
    """Make the proof sheet of a person: a PDF to print and a signed JSON file to verify."""
    from integration.flow import proof as proofs
    from integration.settings import load
    from integration.web.papers.proof import proof_files
    from integration.wiring import ensure_usable, opened

    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        sheet = proofs.make(world, proofs.find(world, who, settings.country), "cli")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in proof_files(sheet or {}, language or settings.language).items():
        (folder / name).write_bytes(content)
        click.echo(str(folder / name))


@proof.command("verify")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--key", default="", help="The installation's public key, as you know it from elsewhere.")
@click.option(
    "--checkpoints",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of checkpoints that was kept elsewhere.",
)
def proof_verify(sheet: Path, key: str, kept: Path | None) -> None:
    """Verify the JSON file of a proof sheet. Needs neither settings nor database."""
    from integration.domain.checkpoint import read_lines
    from integration.flow import proof as proofs

    found = proofs.verify(sheet.read_bytes(), key, read_lines(kept.read_text("utf-8")) if kept else ())
    for fault in found.faults:
        click.echo(f"FAIL  {fault.en}")
    if found.faults:
        raise SystemExit(1)
    click.echo(f"ok    signed by {found.company} on {found.made_at}, unchanged since")
    click.echo(f"ok    {found.events} events, {found.linked} of them tied to a signed end of the chain")
    click.echo(f"key   {found.key}" + ("" if key else "  (as the file says: compare it with the one you know)"))


@main.command("export-person")
@settings_option
@click.argument("who", metavar="PHONE|CONTACT-ID")
@click.option("--language", type=click.Choice(["de", "en"]), help="Of the PDF; the dashboard's when not given.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), default=Path("daten.zip"), show_default=True
)
def export_person(file: Path, who: str, language: str | None, target: Path) -> None:
    """Hand out everything that is stored about a person, as a zip (GDPR Art. 15 and 20)."""
    from integration.flow import proof as proofs
    from integration.settings import load
    from integration.web.papers.export import hand_out
    from integration.wiring import ensure_usable, opened

    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        id_ = proofs.find(world, who, settings.country)
        with target.open("w+b") as out:
            found = hand_out(world, id_, out, "staff", language or settings.language)
    click.echo(str(target) if found else "This person was erased; nothing is stored but the proof (`ladenbote proof`).")


@main.command()
@settings_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def retention(file: Path, dry_run: bool) -> None:
    """Delete what is no longer needed. `ladenbote run` does it every hour."""
    from integration.settings import load
    from integration.wiring import ensure_usable, now, opened
    from jobs import retention as job

    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        if not dry_run:
            click.echo(job.sweep(world, now()))
            return
        for name, before, count in job.preview(world, now()):
            click.echo(f"{name:12} {count:8}  older than {before:%Y-%m-%d}")


@main.command()
@settings_option
@click.option("--since", "days", default="30d", show_default=True, help="How far back, in days, like 30d.")
def replay(file: Path, days: str) -> None:
    """Say what today's rules would have sent for the orders of the last days. Sends and stores nothing."""
    from integration.rehearsal_report import rehearse_and_say
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

    number = days.removesuffix("d")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) <= 3650:
        raise click.UsageError("--since takes a number of days, like 30d.")
    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        for line in rehearse_and_say(world, int(number), settings.language):
            click.echo(line)


@main.command("import-consents")
@settings_option
@click.argument("table", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for", "purposes", multiple=True, required=True, help="What was agreed to: marketing_news, …")
@click.option("--company", default="", help="Whose consents they are, when there are several companies.")
@click.option("--channel", type=click.Choice(["whatsapp", "sms", "email"]), help="What they were for; else guessed.")
@click.option("--column", "columns", multiple=True, metavar="ROLE=HEADER", help="Which column says what; else guessed.")
@click.option("--wording", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the text.")
@click.option("--source", default="", help="Where it was shown, if the file does not say so.")
@click.option("--per-month", type=click.IntRange(1, 30), help="How many messages a month the text promised at most.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="CSV of what became of each row.")
@click.option("--yes", is_flag=True, help="Do not ask: import what was looked through.")
def import_consents(
    file: Path,
    table: Path,
    purposes: tuple[str, ...],
    company: str,
    channel: str | None,
    columns: tuple[str, ...],
    wording: Path | None,
    source: str,
    per_month: int | None,
    report: Path | None,
    yes: bool,
) -> None:
    """Bring consents along from Klaviyo, charles, Wati, Mailchimp or any CSV FILE, each row by what it proves.

    Nothing is written before you have seen the result. Who has opted out here stays out.
    """
    from integration import import_consents as bringing
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

    settings = load(file)
    text = wording.read_text("utf-8").strip() if wording else ""
    told = bringing.Told(company, purposes, columns, channel or "", text, source, settings.country, per_month)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        item = bringing.look_through(world, table, told)
        for line in bringing.summary(world, item):
            click.echo(line)
        if yes or click.confirm("Import this?"):
            item = bringing.bring_in(world, item)
            click.echo(f"Imported {item.cursor} rows.")
        if report:
            bringing.write_report(world, item, report)
        if item.state != "done":
            bringing.forget(world, item)


@main.command("replay-webhooks")
@settings_option
@click.option(
    "--since", type=click.DateTime(), required=True, metavar="DATE", help="From when on (UTC), at most 14 days back."
)
@click.option("--channel", type=click.Choice(["meta", "shop"]), help="Only what WhatsApp or the shops posted.")
def replay_webhooks(file: Path, since: datetime, channel: str | None) -> None:
    """Deal once more with what shops and WhatsApp posted. What is known already changes nothing and sends nothing."""
    from integration.settings import load
    from integration.store import inbox
    from integration.wiring import ensure_usable, now, opened

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
    from integration.flow.documents import queue_document
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

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
    from integration.flow.testing import queue_test
    from integration.settings import load
    from integration.wiring import ensure_usable, opened

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
    from integration.alarm_report import test_routes
    from integration.settings import load

    well, lines = test_routes(load(file), file.absolute().parent)
    for line in lines:
        click.echo(line)
    raise SystemExit(0 if well else 1)


@main.command()
@click.argument("part", type=click.Choice(["all", "whatsapp"]), default="all")
@click.option("--port", default=8700, show_default=True, help="Where the sandbox listens, on this machine only.")
@click.option("--worker-url", default="http://127.0.0.1:8701", show_default=True, help="Where Ladenbote runs.")
@click.option("--webhook", default="", help="Where WhatsApp posts to, when it is another program's address.")
@click.option("--seed", default=1, show_default=True, help="The same seed draws the same faults and ids.")
@click.option("--rate", type=click.Choice(["20", "80", "1000"]), default="80", help="Messages a second and number.")
@click.option(
    "--people", type=click.Choice(TIER_NAMES), default="2K", metavar="HOW_MANY",
    help=f"People within 24 h: {', '.join(TIER_NAMES)}.",
)  # fmt: skip
@click.option("--numbers", type=click.IntRange(1, 20), default=1, show_default=True, help="Numbers of the account.")
@click.option("--latency", default=0.15, show_default=True, help="Seconds until it answers.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=SHARE", help="Strikes that share of all messages.")
@click.option(
    "--untidy", multiple=True, type=click.Choice(UNTIDY), metavar="HOW", help=f"Statuses: {', '.join(UNTIDY)}."
)
@click.option("--strict", is_flag=True, help="Only templates that were created here may be sent.")
@click.option("--config", "config_file", type=click.Path(exists=True, path_type=Path), hidden=True)
def sandbox(part: str, config_file: Path | None, **chosen: Any) -> None:
    """A pretend WhatsApp, Shopify and WooCommerce on this machine, with a phone in the browser.

    `ladenbote sandbox whatsapp` is WhatsApp's Cloud API alone, as strict as Meta's, for any program
    (docs/sandbox.md).
    """
    from integration.sandbox.command import start

    try:
        start(part, config_file, chosen)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None


@main.command()
@click.option("--once", is_flag=True, help="Play the story without a browser and print a JSON summary.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address.")
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True)
def demo(once: bool, no_browser: bool, language: str) -> None:
    """See it work: pretend shops, a pretend phone, the real Ladenbote between them. No account needed."""
    from integration import demo as demonstration

    with demonstration.stage(language, secrets.token_urlsafe(12)) as stage:
        if once:
            summary = stage.play()
            click.echo(json.dumps(summary, indent=2, ensure_ascii=False))
            raise SystemExit(0 if summary["ok"] else 1)
        stage.show(open_browser=not no_browser)


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"ladenbote {installed_version('ladenbote')}")


if __name__ == "__main__":
    main()
