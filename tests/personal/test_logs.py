"""A log says where an error came from and of which type it is, and never what it was about."""

import subprocess
import sys

import orjson

from tests.personal.canaries import Canaries

SECONDS_MAX = 60
FAILING = """
import asyncio, gc, logging, sys
from shared.kit.telemetry import configure_logs, log, report_loop_error

words = sys.argv[1]
configure_logs("intake", "info", "json")

async def fail():
    raise ValueError(words)

async def main():
    asyncio.get_running_loop().set_exception_handler(report_loop_error)
    task = asyncio.ensure_future(fail())
    await asyncio.wait([task])
    del task
    gc.collect()
    for logger in (log(), logging.getLogger("uvicorn.error")):
        try:
            raise KeyError(words)
        except KeyError:
            logger.exception("it failed")

asyncio.run(main())
"""


def test_no_log_line_holds_what_an_exception_says() -> None:
    """Given an exception about a person, when ours, a library's or nobody's code catches it, then its line has type and frames, not its words."""
    canaries = Canaries()
    done = subprocess.run(
        [sys.executable, "-c", FAILING, canaries.text("Bawi")],
        capture_output=True,
        timeout=SECONDS_MAX,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert not canaries.found_in(done.stderr)
    lines = [orjson.loads(line) for line in done.stderr.splitlines()]
    assert sorted(line["exception"] for line in lines) == ["KeyError", "KeyError", "ValueError"]
    assert all(line["frames"] for line in lines)
