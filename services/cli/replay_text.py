"""A replay for people: each entry with the state after it, then who had the application how long."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shared.calendar import WIB
from shared.case import Case
from shared.envelope import Entry
from shared.events import LegacyRecorded
from shared.fields import to_instant
from shared.refusals import REFUSALS, explain
from shared.replay import Moment, Replay, held, state_digest, whole

WIDTH_WITHOUT_TERMINAL: Final = 120
Words = dict[str, str]
WORDS: Final[dict[str, Words]] = {
    "id": {
        "applicant": "pemohon",
        "as of": "dihitung sampai",
        "closed": "ditutup",
        "digest": "Sidik keadaan",
        "due": "s.d.",
        "deadline": "Batas waktu",
        "elapsed": "seluruhnya",
        "entries": "catatan {shown} dari {of}",
        "entry": "Peristiwa, lalu keadaan sesudahnya",
        "how long": "Berapa lama di tangan siapa",
        "happened": "Terjadi (WIB)",
        "late": "terlambat",
        "missed": "lewat batas waktu",
        "nobody": "tidak ada",
        "office": "jam kerja",
        "open": "belum selesai",
        "outcome": "Hasil",
        "party": "pihak",
        "performer": "Pelaksana",
        "position": "posisi",
        "recorded": "Waktu sah (WIB)",
        "refused": "DITOLAK",
        "round": "putaran",
        "turn": "giliran",
        "who": "Siapa",
        "whole": "Seluruh jam kerja",
        "together": "bersamaan",
        "activity": "Kegiatan menurut sistem asal",
        "working days": "hari kerja",
        "in time": "tepat waktu",
        "issued": "izin terbit",
        "deemed-granted": "dianggap dikabulkan",
        "application refused": "permohonan ditolak",
        "withdrawn": "permohonan ditarik",
        "odd": "Tidak dapat diterapkan",
        "rule": "aturan",
        "h": "jam",
        "m": "mnt",
        "d": "hari",
    },
    "en": {
        "applicant": "applicant",
        "as of": "counted until",
        "closed": "closed",
        "digest": "State digest",
        "due": "due",
        "deadline": "Deadline",
        "elapsed": "in all",
        "entries": "{shown} of {of} entries",
        "entry": "Event, then the state after it",
        "how long": "Who had it how long",
        "happened": "Happened (WIB)",
        "late": "late",
        "missed": "deadlines missed",
        "nobody": "nobody",
        "office": "office hours",
        "open": "not yet decided",
        "outcome": "Outcome",
        "party": "party",
        "performer": "Performer",
        "position": "position",
        "recorded": "Legal time (WIB)",
        "refused": "REFUSED",
        "round": "round",
        "turn": "turn",
        "who": "Who",
        "whole": "Office hours in all",
        "together": "several at once",
        "activity": "Activity as the other system named it",
        "working days": "working days",
        "in time": "in time",
        "issued": "permit issued",
        "deemed-granted": "deemed granted",
        "application refused": "application refused",
        "withdrawn": "withdrawn",
        "odd": "Could not be applied",
        "rule": "rule",
        "h": "h",
        "m": "min",
        "d": "d",
    },
}


def console(*, to_stderr: bool = False) -> Console:
    """Returns where text goes; without a terminal it gets room enough not to be cut."""
    stream = sys.stderr if to_stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def city_time(instant: datetime, *, seconds: bool = True) -> str:
    """Returns an instant as the city's clocks show it."""
    return instant.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def duration(minutes: int, words: Words) -> str:
    """Returns minutes for people: `3 h 05 m`; days where it is longer than two."""
    days, rest = divmod(minutes, 24 * 60)
    return hours(minutes, words) if days < 2 else f"{days} {words['d']} {rest // 60:02d} {words['h']}"  # noqa: PLR2004 - up to two days hours are easier to read


def hours(minutes: int, words: Words) -> str:
    """Returns office minutes as hours and minutes."""
    return f"{minutes // 60} {words['h']} {minutes % 60:02d} {words['m']}"


def print_replay(shown: Replay, counted_until: datetime, lang: str) -> None:
    """Prints an application's replay."""
    words, out = WORDS[lang], console()
    case = shown.case
    title = case.sop.title.in_language(lang) if case.sop else ""
    out.print(f"[bold]{shown.subject}[/]  {escape(title)} ({case.sop_name or '?'})")
    out.print(f"{words['entries'].format(shown=len(shown.moments), of=shown.of)}, {words['position']} {case.position}")
    table = _table(("#", words["position"], words["recorded"], words["who"], words["entry"]))
    for moment in shown.moments:
        stamp = moment.entry.stamp
        who = _who(moment.entry, words)
        table.add_row(str(stamp.sequence), str(stamp.position), city_time(moment.entry.recorded), who, _what(moment, lang))
    out.print(table)
    _print_end(shown, counted_until, words, out)


def _table(columns: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if index < 2 else "left", overflow="fold")  # noqa: PLR2004 - the first two are numbers
    return table


def _who(entry: Entry, words: Words) -> str:
    event = entry.event
    role = words.get(event.role, event.role)
    return escape(f"{event.sender}\n{event.agency}/{role}" if event.agency else f"{event.sender}\n{role}")


def _what(moment: Moment, lang: str) -> str:
    entry, words = moment.entry, WORDS[lang]
    data = entry.event.data
    label = data.LABELS[1 if lang == "en" else 0]
    step = getattr(data, "step", "")
    lines = [f"[bold]{escape(label)}[/]" + (f" · {escape(step)}" if step else "")]
    if code := entry.stamp.refused:
        sentence = explain(code, lang)[0] if code in REFUSALS else ""
        lines.append(f"[red]{words['refused']} {code}[/]: {escape(sentence)}")
    lines += [f"[dim]{line}[/]" for line in _state(moment, lang)]
    return "\n".join(lines)


def _state(moment: Moment, lang: str) -> Iterable[str]:
    words, case = WORDS[lang], moment.case
    if case.outcome:
        yield outcome_of(case, words)
    if case.outcome and not moment.ready:
        return
    yield f"{words['turn']}: {parties(case.parties, words)}" + (f" ({words['round']} {case.round})" if case.round > 1 else "")
    for step in moment.ready:
        due = f", {words['due']} {city_time(to_instant(step.due_at), seconds=False)}" if step.due_at else ""
        title = step.title_en if lang == "en" else step.title_id
        yield escape(f"  - {title} ({parties(step.parties, words)}){due}")


def parties(names: Sequence[str], words: Words) -> str:
    """Returns who has the case."""
    return ", ".join(words.get(name, name) for name in names) or words["nobody"]


def outcome_of(case: Case, words: Words) -> str:
    """Returns how a case ended, with the permit's number if there is one."""
    name = words.get({"refused": "application refused"}.get(case.outcome, case.outcome or "open"), case.outcome)
    reasons = f" ({', '.join(case.outcome_reasons)})" if case.outcome_reasons else ""
    return escape(f"{name} {case.permit.number}" if case.permit else f"{name}{reasons}")


def _print_end(shown: Replay, counted_until: datetime, words: Words, out: Console) -> None:
    case = shown.case
    counted = "" if case.outcome and not case.parties else f" ({words['as of']} {city_time(counted_until)})"
    out.print(f"[bold]{words['how long']}[/]{counted}")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(words["party"])
    for name in ("office", "working days", "elapsed"):
        table.add_column(words[name], justify="right")
    for item in held(case, shown.calendar, counted_until):
        table.add_row(
            words.get(item.party, item.party),
            hours(item.working_minutes, words),
            str(item.working_days),
            duration(item.elapsed_minutes, words),
        )
    out.print(table)
    total = whole(case, shown.calendar, counted_until)
    parts = f"{words['together']} {hours(total.together_minutes, words)}, {words['nobody']} {hours(total.nobody_minutes, words)}"
    out.print(f"{words['whole']}: {hours(total.whole_minutes, words)} ({parts})")
    out.print(f"{words['outcome']}: [bold]{outcome_of(case, words)}[/]")
    if case.missed:
        out.print(f"{words['missed']}: " + ", ".join(f"{item.step}/{item.round} ({item.agency or item.party})" for item in case.missed))
    if case.anomalies:
        out.print(f"{words['odd']}: {', '.join(case.anomalies)}")
    out.print(f"{words['digest']}: {state_digest(case)}")


def print_legacy(subject: str, entries: Sequence[Entry], of: int, lang: str) -> None:
    """Prints another system's history of a case."""
    words, out = WORDS[lang], console()
    out.print(f"[bold]{subject}[/]  {words['entries'].format(shown=len(entries), of=of)}")
    table = _table(("#", words["position"], words["happened"], words["performer"], words["activity"]))
    first, last = None, None
    for entry in entries:
        data = entry.event.data
        if isinstance(data, LegacyRecorded):
            first, last = first or data, data
            when = city_time(to_instant(data.happened_at))
            table.add_row(str(entry.stamp.sequence), str(entry.stamp.position), when, data.performer, escape(data.activity))
    out.print(table)
    if first is not None and last is not None:
        _print_legacy_end(first, last, words, out)


def _print_legacy_end(first: LegacyRecorded, last: LegacyRecorded, words: Words, out: Console) -> None:
    minutes = int((to_instant(last.happened_at) - to_instant(first.happened_at)).total_seconds() // 60)
    out.print(f"{words['elapsed']}: {duration(minutes, words)} · {last.channel}")
    if last.due_at:
        out.print(f"{words['deadline']}: {city_time(to_instant(last.due_at))}")
    verdict = words["open"]
    if last.closed_at:
        judged = words["late" if last.due_at and last.closed_at > last.due_at else "in time"] if last.due_at else ""
        verdict = f"{words['closed']} {city_time(to_instant(last.closed_at))}" + (f", {judged}" if judged else "")
    out.print(f"{words['outcome']}: [bold]{verdict}[/]")
