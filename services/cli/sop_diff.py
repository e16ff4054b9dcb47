"""`jejak sop diff`: what a new version of an SOP means for the applicant and for each agency, and every detail that changed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from services.cli.errors import FINDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shared.sop.change import Change
    from shared.sop.model import Sop
    from shared.web.sop_changes import Row, Wording

Language = Literal["id", "en"]
HELP = """Shows what changes from one SOP to another: the consequences for the applicant, then for each agency, then every detail.

A and B are YAML files, or types of the shipped catalogue, with their version (skp-penelitian@1) or without.

--format json gives {"before", "after", "changes"}; each change has kind, place (steps/lapangan; empty: the whole SOP), before, after
and better_for_applicant (yes, no or neutral; what cannot be compared counts as no).

--never-worse ends with 1 if a change would leave an applicant worse off, as a check before running applications are moved.
"""
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "other-type": ("Perhatian: ini dua jenis izin yang berbeda.", "Note: these are two different permit types."),
    "same-version": (
        "Perhatian: isinya berbeda tetapi nomor versinya sama; versi yang sudah terbit tidak pernah berubah.",
        "Note: the content differs but the version does not; a published version never changes.",
    ),
    "none": ("Tidak ada perubahan.", "No changes."),
    "applicant": ("Akibat bagi pemohon", "Consequences for the applicant"),
    "agencies": ("Akibat bagi instansi", "Consequences for the agencies"),
    "details": ("Rincian", "Details"),
}
_APPLICANT: Final = (("Hal", "What"), ("Sebelum", "Before"), ("Sesudah", "After"), ("Bagi pemohon", "For the applicant"))
_AGENCIES: Final = (
    ("Instansi", "Agency"),
    ("Langkah sebelum", "Steps before"),
    ("Langkah sesudah", "Steps after"),
    ("Hari kerja sebelum", "Working days before"),
    ("Hari kerja sesudah", "Working days after"),
)
_DETAILS: Final = (("Bagian", "Part"), ("Perubahan", "Change"), *_APPLICANT[1:])


def add(group: typer.Typer) -> None:
    """Adds diff to the commands of sop."""
    group.command("diff", help=HELP)(diff)


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The SOP as it was: a file, type@version or type.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The SOP as it becomes.")],
    language: Annotated[Language, typer.Option("--language", "--lang", help="Language of the text.")] = "id",
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    never_worse: Annotated[bool, typer.Option("--never-worse", help="End with 1 if an applicant would be worse off.")] = False,
) -> None:
    """Compares; the text of the help stands in HELP."""
    from services.cli.sop_named import named_sop
    from shared.envelope import canonical
    from shared.sop.diff import diff as difference
    from shared.sop.diff import worse_for_applicant

    old, new = named_sop(before), named_sop(after)
    changes = difference(old, new)
    if form == "json":
        typer.echo(canonical({"before": old.name, "after": new.name, "changes": [asdict(change) for change in changes]}))
    else:
        _print(old, new, changes, language)
    if never_worse and worse_for_applicant(changes):
        raise typer.Exit(FINDING)


def _print(old: "Sop", new: "Sop", changes: "Sequence[Change]", language: Language) -> None:
    from rich.markup import escape

    from services.cli.replay_text import console
    from shared.web.sop_changes import Wording

    out, wording = console(), Wording(old, new, language)
    out.print(f"[bold]{escape(new.title.in_language(language))}[/]  {old.name} → {new.name}")
    if old.permit_type != new.permit_type:
        out.print(f"[yellow]{_say('other-type', language)}[/]")
    if old.name == new.name and changes:
        out.print(f"[yellow]{_say('same-version', language)}[/]")
    if not changes:
        out.print(_say("none", language))
        return
    out.print(escape(wording.headline(changes)))
    _print_tables(out, wording, changes, language)


def _print_tables(out: "Console", wording: "Wording", changes: "Sequence[Change]", language: Language) -> None:
    rows = wording.for_applicant(changes)
    _table(out, "applicant", _APPLICANT, [_cells(row)[1:] for row in rows], language)
    _table(out, "agencies", _AGENCIES, wording.for_agencies(), language)
    details = wording.details(changes)
    if details:
        _table(out, "details", _DETAILS, [_cells(row) for row in details], language)


def _cells(row: "Row") -> tuple[str, ...]:
    return (row.place, row.what, row.before, row.after, row.better)


def _table(out: "Console", title: str, columns: "Sequence[tuple[str, str]]", rows: "Sequence[tuple[str, ...]]", language: Language) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    out.print(f"\n[bold]{_say(title, language)}[/]")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column[language == "en"], overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    out.print(table)


def _say(key: str, language: Language) -> str:
    return _WORDS[key][language == "en"]
