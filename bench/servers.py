"""The servers a measurement runs against: a real PostgreSQL, with Kafka where records travel, in a folder that is thrown away."""

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg

from deploy.local import environment, kafka, layout, postgres
from deploy.local.layout import Stack


@contextmanager
def servers(*, with_kafka: bool) -> Iterator[Stack]:
    """Runs PostgreSQL, and Kafka where it is asked for, while the block lasts."""
    data = Path(tempfile.mkdtemp(prefix="jb"))
    stack = layout.prepare(data, layout.free_port_base())
    try:
        postgres.start(stack)
        if with_kafka:
            kafka.start(stack)
        environment.write_environments(stack, postgres.database_urls(stack))
        yield stack
    finally:
        if with_kafka:
            kafka.stop(stack)
        postgres.stop(stack)
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def fresh_stack() -> Iterator[Stack]:
    """Makes the folder of a city that nothing runs in yet, and removes it at the end."""
    data = Path(tempfile.mkdtemp(prefix="jb"))
    try:
        yield layout.prepare(data, layout.free_port_base())
    finally:
        shutil.rmtree(data, ignore_errors=True)


def checkpoint(stack: Stack) -> None:
    """Has PostgreSQL write out what it holds, so that a measurement does not pay for what was prepared before it."""
    with psycopg.connect(postgres.admin_url(stack), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def server_facts(stack: Stack) -> dict[str, str]:
    """Returns the settings of the running servers that every figure depends on."""
    facts = postgres.facts(stack)
    names = ("fsync", "synchronous_commit", "full_page_writes")
    return {"PostgreSQL": facts["server_version"], **{name: facts[name] for name in names}, "Kafka": kafka.version(stack)}


def machine_facts() -> dict[str, str]:
    """Returns the machine and the interpreter."""
    memory_gigabytes = psutil.virtual_memory().total / 2**30
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gigabytes:.0f} GB",
        "system": platform.system(),
        "Python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
