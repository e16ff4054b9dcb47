"""The page of the `jejak` command, read off the command line itself."""

from typing import Any

import click
import typer

from services import __main__ as jejak


def page(made: str) -> str:
    """Returns the page of commands; hidden ones are listed at its end."""
    shown: list[str] = []
    hidden: list[str] = []
    for name, command in sorted(tree().items()):
        (hidden if command.hidden else shown).extend(_described(name, command))
    exits = "Exit codes: 0 done, 1 a finding, 2 wrong use. Data goes to standard output, progress to standard error."
    parts = ["# The `jejak` command", made, exits, *shown]
    if hidden:
        parts += ["# For those who change the project", *hidden]
    return "\n\n".join(parts) + "\n"


def tree() -> dict[str, Any]:
    """Returns every command by its name, those of a group as `group command`."""
    root: Any = typer.main.get_command(jejak.build())
    return dict(_walk(root, ""))


def _walk(group: Any, prefix: str) -> list[tuple[str, Any]]:  # noqa: ANN401 - typer's own kinds of command
    found = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found += _walk(command, f"{prefix}{name} ")
        else:
            found.append((f"{prefix}{name}", command))
    return found


def _described(name: str, command: Any) -> list[str]:  # noqa: ANN401 - the same
    context = click.Context(command, info_name=name)
    usage = " ".join(["jejak", name, *command.collect_usage_pieces(context)])
    rows = []
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record and "--help" not in record[0]:
            rows.append(f"- `{record[0]}`: {' '.join(record[1].split())}" if record[1] else f"- `{record[0]}`")
    parts = [f"## jejak {name}", f"```text\n{usage}\n```", " ".join((command.help or "").split())]
    return [*parts, "\n".join(rows)] if rows else parts
