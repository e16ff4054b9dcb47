"""`jejak sop move`: running applications go on under a newer version of their SOP, looked at first, never to an applicant's disadvantage."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.client import asked, client, command_headers, local_stack, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data

if TYPE_CHECKING:
    import httpx

    from deploy.local.layout import Stack

HELP = """Moves the running applications of one version onto a newer one, as the head of the agency that owns the SOP.

--preview moves nothing and shows for each application what would change. Whoever would be worse off stays. Ends with 1 if a move was refused.
"""


def add(group: typer.Typer) -> None:
    """Adds move to the commands of sop."""
    group.command("move", help=HELP)(move)


def move(
    from_sop: Annotated[str, typer.Argument(metavar="FROM", help="The version they are on, type@version.")],
    to_sop: Annotated[str, typer.Argument(metavar="TO", help="The newer version.")],
    legal_basis: Annotated[str, typer.Option("--legal-basis", metavar="CODE", help="One of the legal bases of the newer version.")],
    person: Annotated[str, typer.Option("--as", metavar="NAME", help="Which head acts; the local stack signs in for them.")],
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would change.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Moves; the text of the help stands in HELP."""
    stack = local_stack(data)
    owner = _owner(stack, to_sop, legal_basis)
    with client(stack, "intake", token(stack, person, "head", owner)) as head:
        head.headers["accept-language"] = "en"
        moved = stayed = refused = 0
        for items in _pages(head, from_sop, to_sop):
            for item in items:
                typer.echo(f"{item['application']}  {_words(item)}")
            going = [item["application"] for item in items if item["moves"]]
            moved, stayed = moved + len(going), stayed + len(items) - len(going)
            if going and not preview:
                refused += _move(head, going, from_sop, to_sop, legal_basis)
    typer.echo(f"{moved} would move, {stayed} stay." if preview else f"{moved - refused} moved, {stayed} stay, {refused} refused.")
    if refused:
        raise JejakError(FINDING, f"{refused} moves were refused.", "Look at them again with --preview.")


def _owner(stack: "Stack", to_sop: str, legal_basis: str) -> str:
    with client(stack, "catalogue") as reader:
        published = {item["sop"]: item["content"] for item in asked(reader, "GET", "/v1/sops")["sops"]}
    if to_sop not in published:
        raise JejakError(USAGE, f"{to_sop} is not published in this city.", "Publish it with `jejak sop publish`.")
    bases = [basis["code"] for basis in published[to_sop]["legal_bases"]]
    if legal_basis not in bases:
        raise JejakError(USAGE, f"{to_sop} has no legal basis {legal_basis!r}.", f"Name one of: {', '.join(bases)}.")
    return str(published[to_sop]["owner"])


def _pages(head: "httpx.Client", from_sop: str, to_sop: str) -> Iterator[list[dict[str, Any]]]:
    after = ""
    while True:
        page = asked(head, "GET", "/v1/sop-moves", params={"from_sop": from_sop, "to_sop": to_sop, "after": after})
        yield page["items"]
        after = page["after"]
        if not after:
            return


def _move(head: "httpx.Client", codes: list[str], from_sop: str, to_sop: str, legal_basis: str) -> int:
    """Moves applications; returns how many were refused, each of which is told."""
    body = {"from_sop": from_sop, "to_sop": to_sop, "legal_basis": legal_basis, "applications": codes}
    answer = asked(head, "POST", "/v1/sop-moves", json=body, headers=command_headers("en"))
    refused = [item for item in answer["items"] if item["status"] == "refused"]
    for item in refused:
        typer.echo(f"{item['application']}  refused: {item['title']}")
    return len(refused)


def _words(item: dict[str, Any]) -> str:
    if not item["moves"]:
        worse = f" ({'; '.join(item['worse'])})" if item["worse"] else ""
        return f"stays: {item['title']}{worse}"
    before, after = item["promise_working_days"]
    changes = [f"no longer asked: {', '.join(item['requirements_dropped'])}"] if item["requirements_dropped"] else []
    changes += [f"steps fewer: {', '.join(item['steps_dropped'])}"] if item["steps_dropped"] else []
    changes += [f"new steps: {', '.join(item['steps_added'])}"] if item["steps_added"] else []
    changes += [f"promise {before} -> {after} working days"] if before != after else []
    return f"moves: {'; '.join(changes) or 'nothing changes for the applicant'}"
