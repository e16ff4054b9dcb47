"""Gives the broker in its container this city's users, rights and topics, by the same rules as a local city's.

It runs inside the broker's network, the only place from which the administrator enters; whatever is there already stays.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.docker.prepare import variable
from deploy.local import kafka, layout
from deploy.local.errors import StackError
from deploy.local.layout import AUDITOR, KAFKA_ADMIN, Stack

ADMIN_VARIABLE: Final = "KAFKA_ADMIN_PASSWORD"
PORT_BASE: Final = "JEJAK_PORT_BASE"


def fill(folder: Path, variables: Mapping[str, str]) -> Stack:
    """Fills the broker that listens here; `folder` takes the passwords for as long as that takes."""
    port_base = int(variables.get(PORT_BASE, layout.DEFAULT_PORT_BASE))
    stack = layout.prepare(folder, port_base)
    names = {KAFKA_ADMIN: ADMIN_VARIABLE} | {name: variable(name, "KAFKA") for name in (*stack.users, AUDITOR)}
    missing = [name for name in names.values() if not variables.get(name)]
    if missing:
        raise StackError(f"{', '.join(missing)} is not set.", "Run `python -m deploy.docker.prepare`, which writes it to .env.")
    for user, name in names.items():
        layout.write_private(stack.folder("secrets") / f"kafka-{user}.password", variables[name].encode())
    kafka.ensure_contents(stack)
    return stack


def main() -> None:
    """Fills the broker with the passwords of the environment."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            stack = fill(Path(folder), os.environ)
    except StackError as error:
        sys.exit(f"contents: {error.sentence} {error.next_step}")
    sys.stderr.write(f"Kafka has the users, rights and topics of {len(stack.senders)} senders.\n")


if __name__ == "__main__":
    main()
