"""`python -m benchmarks`: measure everything, print a table, write benchmarks/results.json."""

import argparse
import signal
import sys
import time
from types import FrameType

from benchmarks import report
from benchmarks.cases import (
    backfill,
    carts,
    consent,
    growth,
    idle,
    intake,
    knowledge,
    machine,
    mailbox,
    memory,
    pipeline,
    sending,
    shops,
)
from benchmarks.figures import Figure

CASES = {
    case.NAME: case
    for case in (
        machine,
        intake,
        sending,
        pipeline,
        growth,
        idle,
        backfill,
        shops,
        mailbox,
        carts,
        consent,
        knowledge,
        memory,
    )
}


def main() -> int:
    """Run the chosen cases; 0 when every goal is reached."""
    chosen = _arguments()
    signal.signal(signal.SIGTERM, _interrupted)
    figures: list[Figure] = []
    try:
        for name in chosen.cases or CASES:
            figures += _measured(name, chosen.quick)
    except KeyboardInterrupt:
        print("interrupted; everything is cleaned up", file=sys.stderr)
        return 130
    run = report.document(figures, chosen.quick)
    print("\n".join(report.lines(figures)))
    if not chosen.cases:
        report.save(run)
    if not chosen.cases and not chosen.quick:
        report.publish(run, figures)
    return 0 if run["passed"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute; rough figures")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"only these: {', '.join(CASES)}")
    chosen = parser.parse_args()
    if unknown := set(chosen.cases) - set(CASES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return chosen


def _measured(name: str, quick: bool) -> list[Figure]:
    print(f"{name} …", end="", flush=True, file=sys.stderr)
    began = time.monotonic()
    figures = list(CASES[name].measure(quick))
    print(f" {time.monotonic() - began:.0f} s", file=sys.stderr)
    return figures


def _interrupted(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
