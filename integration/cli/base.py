"""The command itself, and what its subcommands share."""

import os
from pathlib import Path
from typing import Any

import click

from integration.domain.errors import AddressTaken, LadenboteError

DEFAULT_FILE = Path("settings.toml")


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
