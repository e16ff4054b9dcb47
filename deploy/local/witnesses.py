"""The two witnesses beside a training city: folders and processes of their own, as those of other institutions would be."""

import sys

from deploy.local.errors import StackError
from deploy.local.layout import CITY, Stack
from shared.kit import witness_folder
from shared.proof.keys import read_verifier


def ensure(stack: Stack) -> None:
    """Makes their keys, has them follow the city's log, and writes down for the ledger who and where they are."""
    try:
        _ensure(stack)
    except witness_folder.WitnessError as error:
        raise StackError(str(error), f"Restore {stack.key_file('log')}, or name another folder with --data DIR.") from error


def _ensure(stack: Stack) -> None:
    lines = []
    for name in stack.witnesses:
        folder = stack.witness_folder(name)
        if not (folder / witness_folder.KEY).exists():
            witness_folder.new_key(folder, f"{CITY}/training/{name}")
        witness_folder.follow(folder, stack.log_verifier_file.read_text(encoding="ascii"))
        key = read_verifier((folder / witness_folder.VERIFIER).read_text(encoding="utf-8").strip())
        lines.append(f"{key.to_text()} {stack.url(name)}\n")
    if lines:
        stack.witnesses_file.write_text("".join(lines), encoding="utf-8")


def command(stack: Stack, name: str) -> list[str]:
    """Returns the command line that runs one of them."""
    folder, port = str(stack.witness_folder(name)), str(stack.port(name))
    return [sys.executable, "-m", "services", "witness", "serve", "--folder", folder, "--port", port]
