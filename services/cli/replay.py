"""`jejak replay`: an application's history out of the ledger alone, and the proof that every live view says the same."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import typer

from services.cli.client import asked, client, local_stack, token
from services.cli.errors import FINDING, USAGE, JejakError
from services.cli.stack import DEFAULT_DATA, Data

TIMEOUT_SECONDS = 60.0
NOT_FOUND = 404
Format = Literal["text", "json", "ndjson"]
Language = Literal["id", "en"]
HELP = """Shows an application's history from the ledger alone: every entry, the state after it, whose turn it was, and who had it how long.

CODE is an application's code, or a case of an imported history: receipt/case-10011.

--format json gives one object {"entries": [...], "end": {...}}; ndjson the same objects one a line, told apart by "kind".
An entry has sequence, position, recorded, event_id, event_type, label, sender, agency, role, said_at, refused, data and state
(turn, ready, outcome, digest). The end has subject, sop, entries, of, position, outcome, turn, counted_until, held, permit, missed,
anomalies and digest. Times are UTC; digest is SHA-256 over the canonical form of the whole state, the same as "case_digest" of the
tracker's view. New keys may be added; none changes its meaning.

--prove also lists which entries were used, the application's and those of its rules, and checks a receipt of each against the log's signed
checkpoint and its public key (--key; by default of the city in --data): {"kind": "proof"} with origin, size, root, and entries with subject,
sequence, position. One that no checkpoint covers yet is told as waiting; one that is not proven ends with 1.

--compare replays from the ledger and compares with the live view of every service, CODE alone or --all; a difference ends with 1.
"""

Code = Annotated[str | None, typer.Argument(metavar="CODE", help="An application's code, or SYSTEM/CASE of an imported history.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="TIME", help="As it stood then: 2026-11-24, or 2026-11-24T15:30 (city time).")]
Sequence_ = Annotated[int | None, typer.Option("--sequence", metavar="N", min=1, help="As it stood after its N-th entry.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the text.")]


def register(app: typer.Typer) -> None:
    """Adds replay."""
    app.command(help=HELP)(replay)


def replay(
    code: Code = None,
    *,
    as_of: AsOf = None,
    sequence: Sequence_ = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = "text",
    lang: Lang = "id",
    data: Data = DEFAULT_DATA,
    ledger: Annotated[str, typer.Option("--ledger", metavar="URL", help="Another city's ledger; a code needs no token.")] = "",
    compare: Annotated[bool, typer.Option("--compare", help="Compare with the live views.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With --compare: every application.")] = False,
    prove: Annotated[bool, typer.Option("--prove", help="List and verify the entries that were used.")] = False,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="With --prove: the log's public key (vkey).")] = None,
    service: Annotated[str, typer.Option("--service", metavar="NAME", help="With --compare: this service's view only.")] = "",
) -> None:
    """Shows a history, or compares; the text of the help stands in HELP."""
    if compare:
        from services.cli import comparing

        if (code is None) != everything:
            raise JejakError(USAGE, "Comparing needs either a code or --all.", "Write `jejak replay --compare CODE`, or --compare --all.")
        raise typer.Exit(comparing.compare(local_stack(data), subject_of(code) if code else "", service, form, lang))
    if code is None or everything:
        raise JejakError(USAGE, "Replaying needs one code.", "Write `jejak replay CODE`; --all goes with --compare.")
    wanted = Wanted(subject_of(code), _moment(as_of), sequence, form, lang)
    with ledger_client(data, ledger) as reader:
        used = _show_legacy(reader, wanted) if wanted.subject.startswith("legacy:") else _show(reader, wanted, _now(reader))
    if prove:
        from services.cli.receipts import print_proof

        print_proof(used, data, ledger, key, form)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown, up to which legal time or entry, and how."""

    subject: str
    moment: datetime | None
    sequence: int | None
    form: Format
    lang: Language


def subject_of(text: str) -> str:
    """Returns the ledger's subject of what a person typed; raises `JejakError`."""
    from shared.code import CodeError, parse_code
    from shared.fields import is_subject

    if text.startswith("legacy:") and is_subject(text):
        return text
    try:
        return parse_code(text)
    except CodeError as error:
        if "/" in text and is_subject(f"legacy:{text}"):
            return f"legacy:{text}"
        place = "" if error.index is None else f" at character {error.index + 1}"
        raise JejakError(
            USAGE,
            f"{text!r} is no application code ({error.reason}{place}).",
            "Compare it with the receipt; a case of an imported history is written SYSTEM/CASE, for example receipt/case-10011.",
        ) from None


def _moment(text: str | None) -> datetime | None:
    from shared.replay import read_moment

    if text is None:
        return None
    try:
        return read_moment(text)
    except ValueError:
        raise JejakError(USAGE, f"{text!r} is no time.", "Write 2026-11-24, 2026-11-24T15:30 or 2026-11-24T08:30:00Z.") from None


def ledger_client(data: Path, url: str) -> httpx.Client:
    """Returns a client of the ledger of the city in a folder, as its auditor, or of another one, as anybody."""
    if url:
        return httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS)
    stack = local_stack(data)
    return client(stack, "ledger", token(stack, "jejak-replay", "auditor"))


def _now(reader: httpx.Client) -> datetime | None:
    """Returns the ledger's own time, which in a training city is not the machine's; None for who has no token."""
    from shared.fields import to_instant

    return to_instant(asked(reader, "GET", "/v1/status")["now"]) if "authorization" in reader.headers else None


def history(reader: httpx.Client, subject: str, lang: str = "id") -> list[Any]:
    """Returns a subject's entries from the ledger's doors, none where the ledger knows none; raises `JejakError`."""
    from shared.code import is_code
    from shared.envelope import canonical, read_entry

    path = f"/v1/applications/{subject}/entries" if is_code(subject) else f"/v1/subjects/{subject}/entries"
    try:
        answer = reader.get(path, headers={"accept-language": lang})
    except httpx.TransportError as error:
        raise JejakError(
            FINDING, f"{reader.base_url} does not answer ({type(error).__name__}).", "Start the city with `jejak up`."
        ) from None
    if answer.status_code == NOT_FOUND:
        return []
    if not answer.is_success:
        raise JejakError(FINDING, f"The ledger answered {answer.status_code}.", "Look at its log, or run `jejak doctor`.")
    # An entry is in canonical form, so that writing its tree again gives its very bytes.
    return [read_entry(canonical(tree)) for tree in answer.json()["entries"]]


def known_history(reader: httpx.Client, subject: str, lang: str) -> list[Any]:
    """Returns a subject's entries; raises `JejakError` when the ledger knows none."""
    found = history(reader, subject, lang)
    if not found:
        raise JejakError(FINDING, f"The ledger has no entry of {subject}.", "Check the code, and which city's ledger was asked.")
    return found


def rules_of(reader: httpx.Client, entries: list[Any], moment: datetime) -> list[Any]:
    """Returns the entries of the city's rules that an application's replay needs."""
    from shared.replay import rules_subjects

    return [entry for subject in rules_subjects(entries, moment) for entry in history(reader, subject)]


def _show(reader: httpx.Client, wanted: Wanted, now: datetime | None) -> list[Any]:
    """Shows a replay and returns the entries that it used."""
    from shared import replay as view

    found, chosen = _chosen(reader, wanted)
    last = chosen[-1].recorded
    # Up to then the parties are counted: the entry asked for, the time asked for, or now by the ledger's clock, but never ahead of it.
    counted_until = last if wanted.sequence is not None else max(last, wanted.moment or now or last)
    counted_until = min(counted_until, max(last, now)) if now else counted_until
    known = [entry for entry in rules_of(reader, found, now or datetime.now(UTC)) if entry.recorded <= counted_until]
    shown = view.replay(wanted.subject, chosen, known, len(found))
    if wanted.form == "text":
        from services.cli.replay_text import print_replay

        print_replay(shown, counted_until, wanted.lang)
    else:
        write_json([view.moment_json(item) for item in shown.moments], view.end_json(shown, counted_until), wanted.form)
    return [*known, *chosen]


def _show_legacy(reader: httpx.Client, wanted: Wanted) -> list[Any]:
    from shared import replay as view

    found, chosen = _chosen(reader, wanted)
    if wanted.form == "text":
        from services.cli.replay_text import print_legacy

        print_legacy(wanted.subject, chosen, len(found), wanted.lang)
    else:
        end = {"kind": "end", "subject": wanted.subject, "entries": len(chosen), "of": len(found)}
        write_json([view.entry_json(entry) for entry in chosen], end, wanted.form)
    return chosen


def _chosen(reader: httpx.Client, wanted: Wanted) -> tuple[list[Any], list[Any]]:
    from shared.replay import until

    found = known_history(reader, wanted.subject, wanted.lang)
    chosen = until(found, wanted.moment, wanted.sequence)
    if not chosen:
        from services.cli.replay_text import city_time

        first = f"Its first was entered on {city_time(found[0].recorded)} (city time)."
        raise JejakError(FINDING, f"At that time {wanted.subject} had no entry yet.", first)
    return found, chosen


def write_json(entries: list[dict[str, Any]], end: dict[str, Any], form: Format) -> None:
    """Writes a replay as one object, or one object a line."""
    from shared.envelope import canonical

    if form == "json":
        typer.echo(canonical({"entries": entries, "end": end}))
        return
    for item in (*entries, end):
        typer.echo(canonical(item))
