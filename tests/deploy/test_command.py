"""The commands of `jejak` for the stack: what they say, where, and with which exit code."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import doctor, layout


def jejak(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "services", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["down"], 2, "There is no city in"),
        (["serve", "parking"], 2, "There is no service 'parking'. Choose one of:"),
        (["up", "--port-base", "70000"], 2, "70000 is no possible port base."),
        (["up", "--data", "/dev/null/city"], 2, "is a file, not a folder. Name another with --data DIR."),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    """The reason and the next step stand on standard error, without a trace, and nothing on standard output."""
    done = jejak(*arguments, folder=tmp_path)

    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_without_settings_names_them(tmp_path: Path) -> None:
    """Serving without settings ends with the names of the missing variables, not with a trace."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JEJAK_")}

    done = subprocess.run(
        [sys.executable, "-m", "services", "serve", "intake"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("jejak: ")
    assert "JEJAK_DATABASE_URL" in done.stderr


def test_help_is_fast(tmp_path: Path) -> None:
    """The list of commands appears without loading what the commands need."""
    before = os.times().children_user

    done = jejak("--help", folder=tmp_path)

    assert done.returncode == 0
    assert {"up", "down", "serve", "doctor"} <= set(done.stdout.split())
    assert os.times().children_user - before < 1.0


def test_doctor_finds_a_taken_port_and_says_what_to_do(tmp_path: Path) -> None:
    """One wrong thing gives exit code 1 and a next step; the rest is still examined."""
    stack = layout.prepare(tmp_path / "city", layout.free_port_base())
    with socket.create_server(("127.0.0.1", stack.port("tracker"))):
        done = jejak("doctor", "--data", str(stack.data), folder=tmp_path)

    assert done.returncode == 1
    assert f"taken: {stack.port('tracker')}" in done.stdout
    assert "--port-base" in done.stdout
    assert "Kafka's jars" in done.stdout


def test_every_check_says_what_to_do(tmp_path: Path) -> None:
    """No check can fail without a next step, and on this machine none fails."""
    checks = doctor.examine(tmp_path / "city", layout.free_port_base())

    assert [check.name for check in checks if not check.good] == []
    assert {"Python", "Packages", "Disk space", "Data folder", "Kafka's jars", "Ports", "City"} == {check.name for check in checks}
