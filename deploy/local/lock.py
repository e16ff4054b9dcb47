"""Who runs a city's folder: one supervisor at a time, known by a lock that ends with its process."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from deploy.local import processes
from deploy.local.errors import StackError
from deploy.local.layout import Stack, write_private


def take(stack: Stack) -> IO[str]:
    """Takes a city's folder for as long as the returned file is open."""
    handle = pid_file(stack).open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise StackError(
            f"The city in {stack.data} already runs.", "Stop it with `jejak down`, or name another folder with --data DIR."
        ) from error
    # In place: a file put in its stead would carry no lock.
    handle.truncate(0)
    handle.write(processes.identity(os.getpid()))
    handle.flush()
    return handle


def pid_file(stack: Stack) -> Path:
    """Returns the file that a supervisor holds locked, and that names it."""
    return stack.folder("run") / "supervisor.pid"


def is_supervised(stack: Stack) -> bool:
    """Tells whether a supervisor holds this city's folder."""
    file = pid_file(stack)
    if not file.exists():
        return False
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def announce(stack: Stack, urls: dict[str, str]) -> None:
    """Notes that every service of this supervisor is ready."""
    write_private(_ready_file(stack), json.dumps({"pid": os.getpid(), "urls": urls}).encode())


def withdraw(stack: Stack) -> None:
    """Takes the note back."""
    _ready_file(stack).unlink(missing_ok=True)


def ready_pid(stack: Stack) -> int | None:
    """Returns the process id of a supervisor all of whose services are ready."""
    file = _ready_file(stack)
    return int(json.loads(file.read_bytes())["pid"]) if file.exists() and is_supervised(stack) else None


def _ready_file(stack: Stack) -> Path:
    return stack.folder("run") / "ready.json"
