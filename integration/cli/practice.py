"""Trying it out: demo, sandbox, version."""

import json
import secrets
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import click

from integration.cli.base import main

#: of `sandbox`: Meta's limits of people per day, and what statuses can be like
TIER_NAMES = ("250", "2K", "10K", "100K", "unlimited")


UNTIDY = ("shuffle", "duplicate", "batch", "lose", "skip_delivered", "hide_phones", "late", "no_billable")


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
    from integration.cli import demo as demonstration

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
