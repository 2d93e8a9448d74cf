"""Consent and what people may ask for: ledger, proof, export-person, import-consents, retention."""

from pathlib import Path

import click

from integration.cli.base import main, settings_option


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
    from integration.domain.consent.checkpoint import read_lines
    from integration.flow.consent import evidence
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

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
    from integration.flow.consent import evidence
    from integration.run.wiring import ensure_usable, now, opened
    from integration.settings.settings import load
    from integration.store.consent import checkpoints

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
    from integration.flow.consent import proof as proof_flow
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load
    from integration.web.papers.proof import proof_files

    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        sheet = proof_flow.make(world, proof_flow.find(world, who, settings.country), "cli")
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
    from integration.domain.consent.checkpoint import read_lines
    from integration.flow.consent import proof as proof_flow

    found = proof_flow.verify(sheet.read_bytes(), key, read_lines(kept.read_text("utf-8")) if kept else ())
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
    from integration.flow.consent import proof as proof_flow
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load
    from integration.web.papers.export import hand_out

    settings = load(file)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        id_ = proof_flow.find(world, who, settings.country)
        with target.open("w+b") as out:
            found = hand_out(world, id_, out, "staff", language or settings.language)
    click.echo(str(target) if found else "This person was erased; nothing is stored but the proof (`ladenbote proof`).")


@main.command()
@settings_option
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def retention(file: Path, dry_run: bool) -> None:
    """Delete what is no longer needed. `ladenbote run` does it every hour."""
    from integration.run.wiring import ensure_usable, now, opened
    from integration.settings.settings import load
    from jobs.sweeps import retention as job

    with opened(load(file), file.absolute().parent) as world:
        ensure_usable(world)
        if not dry_run:
            click.echo(job.sweep(world, now()))
            return
        for name, before, count in job.preview(world, now()):
            click.echo(f"{name:12} {count:8}  older than {before:%Y-%m-%d}")


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
    from integration.cli import import_consents as importing
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

    settings = load(file)
    text = wording.read_text("utf-8").strip() if wording else ""
    told = importing.Told(company, purposes, columns, channel or "", text, source, settings.country, per_month)
    with opened(settings, file.absolute().parent) as world:
        ensure_usable(world)
        item = importing.look_through(world, table, told)
        for line in importing.summary(world, item):
            click.echo(line)
        if yes or click.confirm("Import this?"):
            item = importing.bring_in(world, item)
            click.echo(f"Imported {item.cursor} rows.")
        if report:
            importing.write_report(world, item, report)
        if item.state != "done":
            importing.forget(world, item)
