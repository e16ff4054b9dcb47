"""Processes found again by the files that name them, and signalled only when they really are the ones meant."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

from deploy.local.layout import write_private

STOP_SECONDS: Final = 10.0
KILL_SECONDS: Final = 10.0
# The system's clock may be set between two readings of when a process began.
CREATED_TOLERANCE_SECONDS: Final = 2.0


def record(file: Path, pid: int) -> None:
    """Notes a process in a file, by which it is found again."""
    write_private(file, identity(pid).encode())


def identity(pid: int) -> str:
    """Returns a process id with the time at which that process began, since ids are used again."""
    return f"{pid} {psutil.Process(pid).create_time():.3f}\n"


def find(file: Path) -> psutil.Process | None:
    """Returns the process that a file names, if it is still that one."""
    try:
        pid, created = file.read_text(encoding="utf-8").split()
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(created)) <= CREATED_TOLERANCE_SECONDS
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if same and alive else None


def end(files: Iterable[Path], stop_seconds: float = STOP_SECONDS) -> int:
    """Ends the processes that several files name, together; returns how many there were."""
    files = list(files)
    found = [process for file in files if (process := find(file))]
    for process in found:
        signal_group(process.pid, signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=stop_seconds)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=KILL_SECONDS)
    for file in files:
        file.unlink(missing_ok=True)
    return len(found)


def signal_group(pid: int, number: int) -> None:
    """Signals a process that leads its own group, and so whatever it started; one that is already gone is fine."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return
