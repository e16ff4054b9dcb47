"""Runs all tests as two processes side by side: those that mostly wait for servers, and those that mostly count; `make test` without ARGS.

One process leaves half of two cores idle, because a test that waits for a deadline or a restart keeps the next one from starting. The
output of the second half is shown when it has ended; the exit code is the first one that is not zero.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

TESTS: Final = Path(__file__).parent
WAITING: Final = ("deploy", "faults", "integration", "personal", "tracing", "training")


def halves() -> tuple[list[str], list[str]]:
    """Returns the folders and files of both halves, relative to the project: together everything under tests/."""
    everything = [path for path in sorted(TESTS.iterdir()) if path.is_dir() or path.name.startswith("test_")]
    named = [(path.name, f"tests/{path.name}") for path in everything if not path.name.startswith(("_", "."))]
    return [path for name, path in named if name in WAITING], [path for name, path in named if name not in WAITING]


def main() -> int:
    """Runs both halves and returns the exit code."""
    waiting, counting = halves()
    command = [sys.executable, "-m", "pytest"]
    with TemporaryFile() as shown_later:
        second = subprocess.Popen([*command, *counting], cwd=TESTS.parent, stdout=shown_later, stderr=subprocess.STDOUT)
        try:
            first = subprocess.run([*command, *waiting], cwd=TESTS.parent, check=False).returncode
            code = second.wait()
        finally:
            second.terminate()
        shown_later.seek(0)
        sys.stdout.flush()
        sys.stdout.buffer.write(shown_later.read())
    return first or code


if __name__ == "__main__":
    raise SystemExit(main())
