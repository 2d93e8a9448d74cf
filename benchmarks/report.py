"""What a run leaves: a table on the screen, results.json, and the table in docs/benchmarks.md."""

import json
import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import Figure

RESULTS = Path(__file__).parent / "results.json"
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by `make bench` -->", "<!-- end of figures -->"
PACKAGES = ("aiohttp", "httpx", "httpx-aiohttp", "psycopg", "sqlalchemy", "starlette", "uvicorn", "uvloop")
TITLES = {
    "machine": "The machine",
    "intake": "Receiving orders",
    "sending": "Sending to a WhatsApp that answers after 200 ms",
    "pipeline": "The whole way, from webhook to accepted message",
    "backfill": "Reading a WooCommerce shop",
    "growth": "A growing database",
    "carts": "Carts that were left",
    "idle": "Nothing to do",
    "shops": "Reading Shopify shops",
    "mailbox": "Webhooks that wait in a mailbox",
    "knowledge": "Rehearsals and statuses",
    "memory": "Memory over many messages",
    "consent": "Consent: the decision, the ledger, STOP against a campaign",
}


def lines(figures: Sequence[Figure]) -> list[str]:
    """The table for a terminal."""
    table: list[str] = []
    for case in dict.fromkeys(figure.case for figure in figures):
        table += ["", TITLES[case]]
        table += [_line(figure) for figure in figures if figure.case == case]
    return table


def document(figures: Sequence[Figure], quick: bool) -> dict[str, Any]:
    """Everything about a run, for results.json."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "passed": all(figure.passed is not False for figure in figures),
        "machine": machine(),
        "versions": {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
        | {name: version(name) for name in ("ladenbote", *PACKAGES)},
        "figures": [figure.as_json() for figure in figures],
    }


def machine() -> dict[str, Any]:
    """What it ran on."""
    model = [line for line in _cpuinfo() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(":")[2].strip() if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "load_average": os.getloadavg()[0],
    }


def save(run: dict[str, Any]) -> None:
    """Write results.json."""
    RESULTS.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def publish(run: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Put the table into docs/benchmarks.md."""
    text = DOCS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    about = run["machine"]
    head = f"Measured on {run['date'][:10]}: {about['cpu']}, {about['cores']} cores, {about['system']}, "
    head += f"Python {run['versions']['python']}."
    table = "\n".join([head, *_markdown(figures)])
    DOCS.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


def _line(figure: Figure) -> str:
    verdict = {True: "ok", False: "MISSED", None: ""}[figure.passed]
    return f"  {figure.says:<66} {_number(figure.value):>9} {figure.unit:<4} {figure.goal:>8}  {verdict}".rstrip()


def _markdown(figures: Sequence[Figure]) -> list[str]:
    rows: list[str] = []
    for case in dict.fromkeys(figure.case for figure in figures):
        rows += ["", f"### {TITLES[case]}", "", "| what | measured | goal | |", "|---|---:|---:|---|"]
        rows += [_row(figure) for figure in figures if figure.case == case]
    return rows


def _row(figure: Figure) -> str:
    verdict = {True: "reached", False: "**missed**", None: ""}[figure.passed]
    goal = f"{figure.goal} {figure.unit}" if figure.goal else ""
    return f"| {figure.says} | {_number(figure.value)} {figure.unit} | {goal} | {verdict} |"


def _number(value: float) -> str:
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"
