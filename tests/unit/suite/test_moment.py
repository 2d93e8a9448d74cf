"""The tests can take place at another time, and so can every Python process that they start."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import moment
import pytest

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
TESTS = Path(__file__).parents[2]
TEST = """
import datetime, multiprocessing, os, subprocess, sys, time

def test_the_time():
    code = "import datetime, time; print(datetime.datetime.now(datetime.UTC).timestamp(), time.time())"
    child = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        forked = pool.apply(time.time)
    print("seconds", datetime.datetime.now(datetime.UTC).timestamp(), time.time(), child.stdout.strip(), forked)
    assert not any(name.startswith("LADENBOTE_") for name in os.environ)
"""


@pytest.mark.parametrize(
    ("wish", "at"),
    [
        ("+40d", NOW + timedelta(days=40)),
        ("-1d", NOW - timedelta(days=1)),
        ("2028-02-29T12:00:00+01:00", datetime(2028, 2, 29, 11, tzinfo=UTC)),
    ],
)
def test_what_a_moment_is_written_like(wish: str, at: datetime) -> None:
    assert NOW + moment.wished(wish, NOW) == at


@pytest.mark.parametrize("wish", ["2028-02-29T12:00:00", "tomorrow", "40d", "2027-02-29T12:00:00+01:00"])
def test_what_is_no_moment(wish: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment.wished(wish, NOW)


@pytest.mark.parametrize("spread", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_all_processes_of_a_run_live_at_that_moment(tmp_path: Path, spread: tuple[str, ...]) -> None:
    """With the suite's own conftest.py, which is what moves the clocks."""
    file = tmp_path / "test_made.py"
    file.write_text(TEST)
    environment = {name: value for name, value in os.environ.items() if name != moment.SHIFT}
    environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), str(TESTS / "support")])
    command = [sys.executable, "-m", "pytest", "-rP", "-p", "conftest", "-c", str(TESTS.parent / "pyproject.toml")]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", *spread, str(file)],
        env=environment | {moment.WISH: "2028-02-28T23:59:59+01:00"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    found = next(line for line in run.stdout.splitlines() if line.startswith("seconds")).split()[1:]
    begin = datetime(2028, 2, 28, 22, 59, 59, tzinfo=UTC).timestamp()
    assert len(found) == 5
    assert all(begin < float(seconds) < begin + 600 for seconds in found), found
