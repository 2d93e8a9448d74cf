"""Setting up and running: init, check, run, doctor, password, pair, db."""

from pathlib import Path

import click

from integration import log
from integration.cli.base import main, settings_option


@main.command()
@settings_option
@click.option("--language", type=click.Choice(["de", "en"]), default="de", show_default=True, help="Yours.")
def init(file: Path, language: str) -> None:
    """Make a settings file, the databases and the dashboard's first password."""
    from integration.cli.first_run import initialise

    for line in initialise(file, language):
        click.echo(line)


@main.command()
@settings_option
def check(file: Path) -> None:
    """Say whether everything fits together. Sends nothing."""
    from integration.cli.checks import run_checks

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
    from integration.run.worker import Worker
    from integration.settings.settings import load

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
    from integration.cli.shop_report import report
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

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
    from integration.run.wiring import ensure_usable, now, opened
    from integration.settings.settings import load
    from integration.web import auth

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
    from integration.cli.pairing import pair as pair_shop
    from integration.cli.pairing import shop_to_pair
    from integration.run.wiring import ensure_usable, opened
    from integration.settings.settings import load

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
    from integration.run.wiring import opened, upgrade
    from integration.settings.settings import load

    with opened(load(file), file.absolute().parent) as world:
        upgrade(world)
    click.echo("The databases are up to date.")
