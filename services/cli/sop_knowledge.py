"""`jejak sop quiz`, `waive` and `knowledge`: staff of a running city who know their SOPs, and who of them do."""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from services.cli.client import asked, checked, client, command_headers, local_stack, stands, token
from services.cli.errors import FINDING, JejakError
from services.cli.stack import DEFAULT_DATA, As, Data, Lang, Version

if TYPE_CHECKING:
    import httpx

READER: Final = "jejak-sop"
QUIZ_HELP = """Shows somebody's quiz about a version; with --answers takes it. Ends with 1 if an answer is wrong, and says what to read.

The quiz is the same each time for a person and version. All answers right: the person may work under the version.
"""
WAIVE_HELP = """Lets somebody work under a version without the quiz up to a day, as the head of their agency, with a reason by code."""
KNOWLEDGE_HELP = """Lists for each version and agency how many people have acknowledged it, are excused, in the grace days, or overdue.

Counted are the people whom the catalogue knows of: who acknowledged this version or the one before, or was excused from one of them.

--format json gives {"knowledge": [...]}, each with sop, agency, grace_until, acknowledged, waived, grace and overdue.
"""
_COLUMNS: Final = {
    "id": ("SOP", "instansi", "paham", "ditangguhkan", "tenggang", "terlambat", "tenggang sampai"),
    "en": ("SOP", "agency", "acknowledged", "waived", "in grace", "overdue", "grace until"),
}
Agency = Annotated[str, typer.Option("--agency", metavar="AGENCY", help="For which agency.")]


def add(group: typer.Typer) -> None:
    """Adds the commands about who knows an SOP."""
    group.command("quiz", help=QUIZ_HELP)(quiz)
    group.command("waive", help=WAIVE_HELP)(waive)
    group.command("knowledge", help=KNOWLEDGE_HELP)(knowledge)


def quiz(
    version: Version,
    person: As,
    agency: Agency,
    role: Annotated[Literal["officer", "team-leader", "head", "treasurer"], typer.Option("--role", help="In which role.")] = "officer",
    answers: Annotated[str, typer.Option("--answers", metavar="LETTERS", help="The letters in order, for example bacda.")] = "",
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Shows or takes; the text of the help stands in QUIZ_HELP."""
    stack = local_stack(data)
    with client(stack, "catalogue", token(stack, person, role, agency)) as staff:
        staff.headers["accept-language"] = lang
        if answers:
            _answer(staff, version, answers, lang)
        else:
            _show(asked(staff, "GET", "/v1/sops/quiz", params={"sop": version}), lang)


def _show(found: dict[str, Any], lang: str) -> None:
    for question in found["questions"]:
        typer.echo(f"{question['number']}. {question['text'][lang]}")
        for letter, words in question["choices"].items():
            typer.echo(f"   {letter}) {words[lang]}")


def _answer(staff: "httpx.Client", version: str, answers: str, lang: str) -> None:
    body = {"sop": version, "answers": list(answers.strip().lower())}
    answer = staff.post("/v1/sops/acknowledge", json=body, headers=command_headers(lang))
    if not answer.is_success and (found := answer.json()).get("code") == "quiz-wrong":
        for finding in found["findings"]:
            typer.echo(f"{finding['says'][lang]} {finding['mend'][lang]}")
        raise JejakError(FINDING, found["title"], found["detail"])
    stands(checked(answer))
    typer.echo(f"{version} {'is acknowledged' if lang == 'en' else 'dinyatakan dipahami'}.")


def waive(
    version: Version,
    person: As,
    agency: Agency,
    officer: Annotated[str, typer.Option("--officer", metavar="NUMBER", help="Whom: the number under which they sign in.")],
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="Why: cuti, dinas-luar, tidak-ada-pengganti, gangguan-sistem.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day.")],
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Excuses; the text of the help stands in WAIVE_HELP."""
    stack = local_stack(data)
    body = {"sop": version, "officer": officer, "reason": reason, "valid_until": until}
    with client(stack, "catalogue", token(stack, person, "head", agency)) as head:
        stands(asked(head, "POST", "/v1/sops/waive", json=body, headers=command_headers(lang)))
    typer.echo(f"{version}: {'excused until' if lang == 'en' else 'ditangguhkan sampai'} {until}.")


def knowledge(
    version: Annotated[str, typer.Argument(metavar="TYPE@VERSION", help="One version; every version in use if left out.")] = "",
    agency: Annotated[str, typer.Option("--agency", metavar="AGENCY", help="One agency.")] = "",
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    data: Data = DEFAULT_DATA,
    lang: Lang = "id",
) -> None:
    """Lists; the text of the help stands in KNOWLEDGE_HELP."""
    from shared.envelope import canonical

    stack = local_stack(data)
    with client(stack, "catalogue", token(stack, READER, "auditor")) as reader:
        reader.headers["accept-language"] = lang
        found = asked(reader, "GET", "/v1/sops/knowledge", params={"sop": version, "agency": agency})
    if form == "json":
        typer.echo(canonical(found))
    else:
        _print(found["knowledge"], lang)


def _print(rows: list[dict[str, Any]], lang: str) -> None:
    from rich.table import Table

    from services.cli.replay_text import console
    from shared.fields import to_instant
    from shared.web.formats import time_text

    table = Table(*_COLUMNS[lang], box=None)
    for row in rows:
        until = time_text(to_instant(row["grace_until"]), lang) if row["grace_until"] else ""
        counts = (str(row[name]) for name in ("acknowledged", "waived", "grace", "overdue"))
        table.add_row(row["sop"], row["agency"], *counts, until)
    console().print(table)
