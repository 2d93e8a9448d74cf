"""`ladenbote init`: a settings file, the databases, and the dashboard's first password."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from integration.run.wiring import first_key, now, opened, upgrade
from integration.settings.settings import load
from integration.web import auth

STARTER = """\
# Ladenbote's settings. Every key is explained in settings.example.toml.
language = "{language}"
country = "DE"
time_zone = "Europe/Berlin"
# The https address under which shops and Meta reach this Ladenbote:
public_url = "http://127.0.0.1:8080"

# [companies.musterladen]
# name = "Musterladen GmbH"

# [senders.nummer]
# phone_number_id = "…"
# business_account_id = "…"
# Token, app secret and verify token stand in files of their own, like secrets/senders__nummer__token

# [shops.laden]
# platform = "woocommerce"
# name = "Musterladen"
# url = "https://www.example.de"
"""


def initialise(file: Path, language: str) -> Iterator[str]:
    """Make what is missing, keep what is there; yields what to tell the owner."""
    if file.exists():
        yield f"{file} exists already and is kept."
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(STARTER.format(language=language), encoding="utf-8")
        yield f"Made {file}. Put in your shop and your WhatsApp number (settings.example.toml explains every key)."
    settings, home = load(file), file.absolute().parent
    first_key(settings, home)
    with opened(settings, home) as world:
        upgrade(world)
        yield "The databases are ready. Keep master.key and keys.db safe: without them no consent can be proved."
        if auth.has_password(world.database, world.vault):
            yield "The dashboard has its password already."
            return
        password = secrets.token_urlsafe(9)
        auth.set_password(world.database, world.vault, password, now())
    yield f"Password for the dashboard (shown this once): {password}"
    yield "Next: `ladenbote check`, then `ladenbote run`."
