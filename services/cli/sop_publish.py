"""`jejak sop publish`, `drafts`, `approve`, `return`, `withdraw`: versions of SOPs in a running city, each published by two people."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.cli.client import asked, client, command_headers, local_stack, stands, token
from services.cli.errors import FINDING, JejakError
from services.cli.stack import DEFAULT_DATA, As, Data, Version

ROLE: Final = "catalogue-owner"
PUBLISH_HELP = (
    """Drafts the SOP version in FILE in the running city: a second person then approves or returns it. One with errors is refused."""
)
APPROVE_HELP = (
    """Publishes the open draft of a version, in force from --from DATE (from its entry on if left out). Not by who drafted it."""
)
RETURN_HELP = """Sends the open draft of a version back to its drafter, with reasons by code."""
WITHDRAW_HELP = """Withdraws a published version: no new application gets it, running ones stay on it."""
DRAFTS_HELP = """Lists the drafts that wait for a second person, and those that were returned."""


def add(group: typer.Typer) -> None:
    """Adds the commands of publishing."""
    group.command("publish", help=PUBLISH_HELP)(publish)
    group.command("drafts", help=DRAFTS_HELP)(list_drafts)
    group.command("approve", help=APPROVE_HELP)(approve)
    group.command("return", help=RETURN_HELP)(return_draft)
    group.command("withdraw", help=WITHDRAW_HELP)(withdraw)


def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file.")],
    person: As,
    data: Data = DEFAULT_DATA,
) -> None:
    """Drafts; the text of the help stands in PUBLISH_HELP."""
    from services.cli.sop_named import read_file
    from shared.sop.model import sop_content

    sop = read_file(file)
    said = _say(data, person, "/v1/sops/drafts", {"content": sop_content(sop)})
    typer.echo(f"{sop.name} is drafted ({said}); another person approves it with `jejak sop approve {sop.name} --as NAME`.")


def list_drafts(data: Data = DEFAULT_DATA) -> None:
    """Lists; the text of the help stands in DRAFTS_HELP."""
    for draft in _drafts(data, "jejak-sop"):
        reasons = f" ({', '.join(draft['reasons'])})" if draft["reasons"] else ""
        typer.echo(f"{draft['sop']}  {draft['digest'][:12]}  {draft['state']}{reasons}")


def approve(
    version: Version,
    person: As,
    day: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day on which new applications get it.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Publishes; the text of the help stands in APPROVE_HELP."""
    draft = _open_draft(data, person, version)
    body = {"sop": version, "digest": draft["digest"], **({"in_force_from": day} if day else {})}
    said = _say(data, person, "/v1/sops/drafts/publish", body)
    typer.echo(f"{version} is published ({said}), in force from {day or 'now on'}.")


def return_draft(
    version: Version,
    person: As,
    reasons: Annotated[list[str], typer.Option("--reason", metavar="CODE", help="Why, by code; may be repeated.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Returns; the text of the help stands in RETURN_HELP."""
    draft = _open_draft(data, person, version)
    said = _say(data, person, "/v1/sops/drafts/return", {"sop": version, "digest": draft["digest"], "reasons": reasons})
    typer.echo(f"The draft of {version} is returned ({said}): {', '.join(reasons)}.")


def withdraw(version: Version, person: As, data: Data = DEFAULT_DATA) -> None:
    """Withdraws; the text of the help stands in WITHDRAW_HELP."""
    said = _say(data, person, "/v1/sops/withdraw", {"sop": version})
    typer.echo(f"{version} is withdrawn for new applications ({said}).")


def _drafts(data: Path, person: str) -> list[dict[str, Any]]:
    stack = local_stack(data)
    with client(stack, "catalogue", token(stack, person, ROLE)) as owner:
        drafts: list[dict[str, Any]] = asked(owner, "GET", "/v1/sops/drafts")["drafts"]
    return drafts


def _open_draft(data: Path, person: str, version: str) -> dict[str, Any]:
    found = next((draft for draft in _drafts(data, person) if draft["sop"] == version and draft["state"] == "open"), None)
    if found is None:
        raise JejakError(FINDING, f"There is no open draft of {version}.", "See `jejak sop drafts`.")
    return found


def _say(data: Path, person: str, path: str, body: dict[str, Any]) -> str:
    """Says a command and returns its outcome in words; raises `JejakError` when it is refused."""
    stack = local_stack(data)
    with client(stack, "catalogue", token(stack, person, ROLE)) as owner:
        said = stands(asked(owner, "POST", path, json=body, headers=command_headers("en")))
    return f"entered at position {said['position']}" if said["status"] == "entered" else "received, not entered yet"
