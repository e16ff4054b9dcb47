"""Makes what the containers need before their first start: keys, the senders' registry and every password, in files that git ignores.

Run it as `python -m deploy.docker.prepare`; run again, it keeps what is there. The folder is one of a local city, so the commands of
`jejak` that speak to a running city work on the containers with `--data .jejak/compose`.
"""

import shutil
import sys
from pathlib import Path
from typing import Final, Literal

from deploy.local import layout
from deploy.local.errors import StackError
from deploy.local.layout import AUDITOR, KAFKA_ADMIN, Stack

FOLDER: Final = Path(".jejak") / "compose"
ENV_FILE: Final = Path(".env")
SUPERUSER: Final = "postgres"
PRIVATE_FOLDER: Final = 0o700
READABLE: Final = 0o644


def prepare(folder: Path = FOLDER, env_file: Path = ENV_FILE) -> Stack:
    """Makes the folder and the file of passwords, or completes them."""
    stack = layout.prepare(folder)
    layout.write_private(env_file, "".join(f"{name}={value}\n" for name, value in passwords(stack).items()).encode())
    _copy_for_containers(stack)
    return stack


def passwords(stack: Stack) -> dict[str, str]:
    """Returns every password by the variable that docker-compose.yml names."""
    found = {
        "POSTGRES_SUPERUSER_PASSWORD": stack.password("database", SUPERUSER),
        "KAFKA_ADMIN_PASSWORD": stack.password("kafka", KAFKA_ADMIN),
    }
    for name in stack.users:
        found[variable(name, "DATABASE")] = stack.password("database", name)
    for name in (*stack.users, AUDITOR):
        found[variable(name, "KAFKA")] = stack.password("kafka", name)
    return found


def variable(name: str, kind: Literal["DATABASE", "KAFKA"]) -> str:
    """Returns the name of the variable that holds a user's password."""
    return f"{name.upper().replace('-', '_')}_{kind}_PASSWORD"


def _copy_for_containers(stack: Stack) -> None:
    # A container's user is another one than this machine's: the files are readable to it, their folder to nobody here but its owner.
    keys = [stack.key_file(name) for name in ("city", "kek", "tokens", "gateway", "log")]
    _copy(stack.data / "mounted", *keys, stack.certificate_file, stack.senders_file)
    for sender in stack.sealing:
        _copy(stack.data / "keys" / sender.name, stack.sender_key_file(sender.name))


def _copy(folder: Path, *sources: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(PRIVATE_FOLDER)
    for source in sources:
        shutil.copyfile(source, folder / source.name)
        (folder / source.name).chmod(READABLE)


def main() -> None:
    """Prepares the folder and says what was made."""
    try:
        stack = prepare()
    except StackError as error:
        sys.exit(f"prepare: {error.sentence} {error.next_step}")
    sys.stderr.write(f"Passwords are in {ENV_FILE}, keys in {stack.data}: keep a copy of both in a safe place.\n")


if __name__ == "__main__":
    main()
