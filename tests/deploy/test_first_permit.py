"""The build's limit on the first permit, read from what the demo prints."""

import subprocess
from pathlib import Path

import pytest

from services.cli import demo
from tests.architecture.sources import ROOT

PRINTED = "replay equals live view: 120/120\n    12.1 s  start the city\n    {seconds} s  until the first permit\n   171.0 s  in all\n"


@pytest.mark.parametrize(
    ("printed", "code", "said"),
    [
        (PRINTED.format(seconds="40.0"), 0, "The first permit came 40.0 s after the start (at most 40 s)."),
        (PRINTED.format(seconds="40.1"), 1, "The first permit came 40.1 s after the start; at most 40 s are allowed."),
        (PRINTED.format(seconds="139.9"), 1, "The first permit came 139.9 s after the start; at most 40 s are allowed."),
        ("       -    no new permit in this run\n", 1, "The demo did not say when its first permit was issued."),
        ("", 1, "The demo did not say when its first permit was issued."),
    ],
)
def test_a_late_first_permit_fails_the_build(tmp_path: Path, printed: str, code: int, said: str) -> None:
    """A first permit within the limit passes, a later one or none fails, each with one sentence."""
    file = tmp_path / "printed"
    file.write_text(printed, encoding="utf-8")
    ran = subprocess.run([ROOT / ".ci" / "first-permit", "40", file], capture_output=True, text=True, check=False)
    assert (ran.returncode, (ran.stdout + ran.stderr).splitlines()) == (code, [said])


def test_the_demo_prints_what_the_build_reads() -> None:
    """The words by which the build finds the figure are the demo's own."""
    words = " s  until the first permit"
    assert words in Path(demo.__file__).read_text(encoding="utf-8")
    assert words in (ROOT / ".ci" / "first-permit").read_text(encoding="utf-8")
