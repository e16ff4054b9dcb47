"""Runs `jejak` commands in processes of their own, as a person does."""

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import orjson

from deploy.local.supervisor import City as LocalCity

SECONDS_MAX = 150


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    error: str

    @property
    def tree(self) -> Any:  # noqa: ANN401 - any JSON value
        """The output as JSON."""
        return orjson.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The output as JSON lines."""
        return [orjson.loads(line) for line in self.out.splitlines()]


def jejak(local: LocalCity, *arguments: str) -> Ran:
    """Runs a command against a city."""
    command = [sys.executable, "-m", "services", *arguments, "--data", str(local.stack.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)
