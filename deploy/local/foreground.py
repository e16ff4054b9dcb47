"""The life of a supervisor as a command: in the foreground until a signal, in the background, or stopped from elsewhere."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

from deploy.local import lock, processes
from deploy.local.errors import StackError
from deploy.local.layout import Stack
from deploy.local.parts import stop_parts
from deploy.local.supervisor import City, Say

DETACH_SECONDS: Final = 900.0
POLL_SECONDS: Final = 0.1
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(stack: Stack, say: Say, when_ready: Callable[[], None]) -> None:
    """Runs a city until this process is told to stop, also while it is still starting."""
    city = City(stack, say=say)
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        city.start()
        say("The city is ready. Ctrl-C stops it.")
        when_ready()
        threading.Event().wait()
    except KeyboardInterrupt:
        say("Stopping ...")
    finally:
        # From here on nothing interrupts: a half-stopped city would leave its parts behind.
        for number in SIGNALS:
            signal.signal(number, _ignore)
        city.stop()


def detach(stack: Stack, say: Say) -> None:
    """Starts a city in a process of its own and returns when it is ready."""
    if lock.is_supervised(stack):
        raise StackError(f"The city in {stack.data} already runs.", "Stop it with `jejak down`, or name another folder with --data DIR.")
    command = [sys.executable, "-m", "services", "up", "--data", str(stack.data)]
    log_file = stack.log("supervisor")
    with log_file.open("wb") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    say(f"Starting the city in the background; its words go to {log_file}.")
    deadline = time.monotonic() + DETACH_SECONDS
    while lock.ready_pid(stack) != child.pid:
        if child.poll() is not None:
            lines = log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = lines[-1].removeprefix("jejak: ") if lines else "It said nothing."
            raise StackError(last, f"All its words are in {log_file}.")
        if time.monotonic() > deadline:
            raise StackError(f"The city was not ready after {DETACH_SECONDS:.0f} seconds.", f"Its words are in {log_file}.")
        time.sleep(POLL_SECONDS)
    # It goes on without its parent: nothing of it is waited for.
    child.returncode = 0


def stop(stack: Stack, stop_seconds: float) -> bool:
    """Stops a city from another process, and what a killed one left; tells whether anything ran."""
    supervised = lock.is_supervised(stack)
    if supervised:
        supervisor = processes.find(lock.pid_file(stack))
        if supervisor is not None:
            supervisor.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + stop_seconds
        while lock.is_supervised(stack):
            if time.monotonic() > deadline:
                raise StackError(f"The city did not stop within {stop_seconds:.0f} seconds.", "Look for its processes with `jejak doctor`.")
            time.sleep(POLL_SECONDS)
    return stop_parts(stack) > 0 or supervised


def _ignore(_number: int, _frame: object) -> None:
    """Takes a signal and does nothing; unlike SIG_IGN it is not handed on to programs started from here."""
