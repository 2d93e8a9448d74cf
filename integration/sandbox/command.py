"""`ladenbote sandbox`: what was chosen on the command line, and what it prints."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from integration.sandbox.app import create_app, create_whatsapp, serve
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.fates import FATES, fate
from integration.sandbox.whatsapp.whatsapp import WhatsApp

#: faults that a lot may draw: what was chosen for one person alone makes no sense for everybody
LOTS = sorted(name for name, one in FATES.items() if one.fault)


def start(part: str, file: Path | None, chosen: Mapping[str, Any]) -> None:
    """Serve everything, or WhatsApp alone, until Ctrl-C. Raises ValueError with the remedy."""
    if file:
        config = SandboxConfig(**json.loads(file.read_text()))
        serve(create_app(config), config.port)
        return
    config = replace(config_of(chosen), set_up=part != "whatsapp")
    app = create_whatsapp(config) if part == "whatsapp" else create_app(config)
    stage: WhatsApp = app.state.stage
    stage.webhooks.address = chosen["webhook"]
    for name in chosen["untidy"]:
        setattr(stage.webhooks.switches, name, True)
    lines = (
        guide(config, stage.webhooks.url) if part == "whatsapp" else (f"Sandbox on {config.origin} (Ctrl-C ends it)",)
    )
    click.echo("\n".join(lines), err=True)
    serve(app, config.port)


def config_of(chosen: Mapping[str, Any]) -> SandboxConfig:
    """The options of the command line. Raises ValueError with the remedy."""
    first = int(SandboxConfig().phone_number_id)
    more = [str(first + n) for n in range(1, chosen["numbers"])]
    return SandboxConfig(
        port=chosen["port"], worker_url=chosen["worker_url"], seed=chosen["seed"], latency=chosen["latency"],
        throughput="HIGH" if chosen["rate"] == "1000" else "STANDARD", coexistence=chosen["rate"] == "20",
        messaging_limit=f"TIER_{chosen['people'].upper()}", more_numbers=more, lots=lots(chosen["faults"]),
        auto_templates=not chosen["strict"],
    )  # fmt: skip


def guide(config: SandboxConfig, webhook: str) -> Iterator[str]:
    """Line by line."""
    yield f"A pretend WhatsApp Cloud API on {config.origin} (Ctrl-C ends it)"
    rows = {
        "base_url": f"{config.origin}/graph/v26.0",
        "token": config.whatsapp_token,
        "phone_number_id": ", ".join(config.numbers),
        "business_account_id": config.business_account_id,
        "app_id": config.app_id,
        "app_secret": config.app_secret,
        "verify_token": config.verify_token,
        "webhooks go to": webhook,
        "control": f"{config.origin}/stage/state",
        "seed": str(config.seed),
    }
    width = max(map(len, rows))
    yield from (f"  {name:{width}}  {value}" for name, value in rows.items())


def lots(words: Iterable[str]) -> Mapping[str, float]:
    """`accept_then_reset=0.05` as shares. Raises ValueError with the remedy."""
    found: dict[str, float] = {}
    for word in words:
        name, _, share = word.partition("=")
        try:
            found[name] = float(share)
        except ValueError:
            found[name] = -1
        if name not in LOTS and not (name.startswith(("sync_", "later_")) and fate(name)):
            raise ValueError(f"{name!r} is no fault. Known: {', '.join(LOTS)}, sync_<code>, later_<code>.")
        if not 0 <= found[name] <= 1:
            raise ValueError(f"{name}: write the share of messages between 0 and 1, like {name}=0.05.")
    if sum(found.values()) > 1:
        raise ValueError("All shares together must not be more than 1.")
    return found
