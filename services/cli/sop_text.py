"""SOPs and their findings for people, and the same as JSON: by SOP, the gravest first, then what several SOPs have in common."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import wrap
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.cli.replay_text import console
from services.cli.sop_files import Checked
from services.cli.sop_history import Past
from shared.agencies import short_name
from shared.sop.findings import SEVERITIES, Finding, Severity, Words, working_days
from shared.sop.legal import Hit, Regulation, Standing
from shared.sop.lint_history import DECIDED_MIN, Record
from shared.sop.model import SopParts

INDENT: Final = 4
COLOURS: Final[dict[Severity, str]] = {"error": "bold red", "warning": "yellow", "advice": "cyan"}
NAMES: Final[dict[Severity, Words]] = {
    "error": Words("kesalahan", "error"),
    "warning": Words("peringatan", "warning"),
    "advice": Words("saran", "advice"),
}
STANDINGS: Final[dict[Standing, Words]] = {
    "in-force": Words("berlaku", "in force"),
    "not-yet-in-force": Words("belum berlaku", "not yet in force"),
    "repeal-coming": Words("akan dicabut", "to be repealed"),
    "repealed": Words("dicabut", "repealed"),
}
SOURCES: Final = {
    "read": Words("dibaca", "read"),
    "memory": Words("dari ingatan, perlu dipastikan", "from memory, to be confirmed"),
    "doubtful": Words("diragukan", "in doubt"),
}
NOTHING: Final = Words("Tidak ada temuan.", "Nothing was found.")
OVERLAPS: Final = Words("Tumpang tindih antar-SOP", "Overlaps between SOPs")
PLANS: Final = Words("Rencana izin", "Plans of permits")
PAST: Final = Words("Menurut riwayat", "By the past")
JUDGED: Final = Words(
    "{judged} langkah dinilai; {too_few} lainnya dikerjakan pada kurang dari {least} permohonan yang sudah diputus.",
    "{judged} steps were judged; {too_few} more were done in fewer than {least} decided applications.",
)
TOTALS: Final = Words(
    "{sops} SOP: {error} kesalahan, {warning} peringatan, {advice} saran",
    "SOPs: {sops}; errors: {error}, warnings: {warning}, advice: {advice}",
)
PUBLISHABLE: Final = Words("Tidak ada kesalahan: boleh diterbitkan.", "No error: these may be published.")
NOT_PUBLISHABLE: Final = Words("Ada kesalahan: jangan diterbitkan.", "There are errors: do not publish.")
DEMO: Final = Words(
    "Angka dengan tanda * adalah angka contoh tanpa sumber resmi.", "Numbers marked * are demo values without an official source."
)
HEADS: Final = (
    Words("SOP", "SOP"),
    Words("Judul", "Title"),
    Words("Sistem", "System"),
    Words("Risiko", "Risk"),
    Words("Langkah", "Steps"),
    Words("Instansi", "Agencies"),
    Words("Janji", "Promise"),
)
NOBODY_RESTS: Final = Words("tidak ada SOP yang bersandar padanya", "no SOP rests on it")


# Checking


@dataclass(frozen=True, slots=True)
class Found:
    """All a check has found: each SOP's file, what the SOPs have in common, the file of plans and the past, each if it was checked."""

    checked: Sequence[Checked]
    overlaps: Sequence[Finding]
    plans: Checked | None = None
    past: Past | None = None

    def all(self) -> tuple[Finding, ...]:
        """Returns every finding."""
        return (
            *self.overlaps,
            *(self.past.findings if self.past else ()),
            *(item for file in (*self.checked, *filter(None, [self.plans])) for item in file.findings),
        )


def print_check(found: Found, lang: str) -> None:
    """Prints the findings by SOP, then the overlaps, then those on plans, then how many there are."""
    out = console()
    for file in found.checked:
        title = f"  {escape(file.sop.title.in_language(lang))}" if file.sop else ""
        name = file.sop.name if file.sop else file.name
        out.print(f"[bold]{escape(name)}[/]{title}")
        _print_findings(file, lang, out)
    if found.overlaps:
        out.print(f"[bold]{OVERLAPS.in_language(lang)}[/]")
    for finding in found.overlaps:
        _print_finding(finding, _where(finding, found.checked), lang, out)
    if found.plans:
        out.print(f"[bold]{PLANS.in_language(lang)}[/]")
        _print_findings(found.plans, lang, out)
    if found.past:
        _print_past(found.past, found.checked, lang, out)
    counted = _totals(found)
    out.print(TOTALS.in_language(lang).format(**counted))
    out.print((NOT_PUBLISHABLE if counted["error"] else PUBLISHABLE).in_language(lang))


def _print_past(past: Past, checked: Sequence[Checked], lang: str, out: Console) -> None:
    out.print(f"[bold]{PAST.in_language(lang)}[/]")
    for finding in past.findings:
        _print_finding(finding, _where(finding, checked), lang, out)
    sentence = JUDGED.in_language(lang).format(judged=past.judged, too_few=len(past.records) - past.judged, least=DECIDED_MIN)
    _print_indented([sentence], out)


def _print_findings(file: Checked, lang: str, out: Console) -> None:
    for finding in file.findings:
        _print_finding(finding, f"{file.name}:{file.line(finding)}", lang, out)
    if not file.findings:
        out.print(f"{' ' * INDENT}[dim]{NOTHING.in_language(lang)}[/]\n")


def _print_finding(finding: Finding, where: str, lang: str, out: Console) -> None:
    days = f" · {working_days(finding.days).in_language(lang)}" if finding.days else ""
    out.print(f"{' ' * INDENT}[{COLOURS[finding.severity]}]{NAMES[finding.severity].in_language(lang)}[/]", end="")
    place = f" · {escape(finding.place)}" if finding.place else ""
    out.print(f" · {finding.code}{days} · {escape(where)}{place}", soft_wrap=True)
    _print_indented((finding.says.in_language(lang), f"→ {finding.mend.in_language(lang)}"), out)


def _print_indented(sentences: Sequence[str], out: Console) -> None:
    """Prints each sentence in lines as wide as the terminal, then an empty line."""
    indent = " " * INDENT
    for sentence in sentences:
        lines = wrap(sentence, out.width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        out.print(escape("\n".join(lines)), soft_wrap=True)
    out.print()


def _where(finding: Finding, checked: Sequence[Checked]) -> str:
    file = _file_of(finding, checked)
    return f"{file.name}:{file.line(finding)}" if file else finding.sop


def _file_of(finding: Finding, checked: Sequence[Checked]) -> Checked | None:
    """Returns the file that an overlap points to: of two with one version the later, which has to change."""
    return next((file for file in reversed(checked) if file.sop and file.sop.name == finding.sop), None)


def _totals(found: Found) -> dict[str, int]:
    counted = Counter(finding.severity for finding in found.all())
    return {"sops": len(found.checked), **{severity: counted[severity] for severity in SEVERITIES}}


def check_json(found: Found) -> dict[str, Any]:
    """Returns everything that was found as one tree."""
    sops = [
        {
            "sop": file.sop.name if file.sop else None,
            "file": file.name,
            "findings": [_finding_json(finding, file) for finding in file.findings],
        }
        for file in found.checked
    ]
    common = [_finding_json(finding, _file_of(finding, found.checked)) for finding in found.overlaps]
    plans = [_finding_json(finding, found.plans) for finding in found.plans.findings] if found.plans else []
    tree = {"sops": sops, "overlaps": common, "plans": plans, "totals": _totals(found)}
    if found.past is None:
        return tree
    past = [_finding_json(finding, _file_of(finding, found.checked)) for finding in found.past.findings]
    return {**tree, "history": {"findings": past, "steps": [_record_json(item) for item in found.past.records], "decided_min": DECIDED_MIN}}


def _record_json(record: Record) -> dict[str, Any]:
    return {
        "sop": record.sop.name,
        "step": record.step.code,
        "agency": record.step.agency,
        "cases": record.cases,
        "changed": record.changed,
        "median_minutes": record.median_minutes,
    }


def _finding_json(finding: Finding, file: Checked | None) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "sop": finding.sop,
        "also": list(finding.also),
        "place": finding.place,
        "file": file.name if file else None,
        "line": file.line(finding) if file else None,
        "days": finding.days,
        "says": finding.says._asdict(),
        "mend": finding.mend._asdict(),
    }


# Listing


def print_list(sops: Sequence[SopParts], lang: str) -> None:
    """Prints SOPs as a table."""
    out, table = console(), Table(box=SIMPLE_HEAD, pad_edge=False)
    for head in HEADS:
        table.add_column(head.in_language(lang), overflow="fold")
    for sop in sops:
        promise = f"{sop.promise_working_days}{'*' if sop.demo_values else ''}"
        agencies = ", ".join(short_name(agency)[lang] for agency in _agencies(sop))
        title = escape(sop.title.in_language(lang))
        table.add_row(sop.name, title, sop.system_of_record.upper(), sop.risk, str(len(sop.steps)), agencies, promise)
    out.print(table)
    if any(sop.demo_values for sop in sops):
        out.print(DEMO.in_language(lang))


def sop_json(sop: SopParts, file: str) -> dict[str, Any]:
    """Returns an SOP's line of the list as a tree."""
    return {
        "sop": sop.name,
        "file": file,
        "title": sop.title.in_both(),
        "owner": sop.owner,
        "system_of_record": sop.system_of_record,
        "risk": sop.risk,
        "steps": len(sop.steps),
        "agencies": _agencies(sop),
        "promise_working_days": sop.promise_working_days,
        "demo_values": sop.demo_values,
    }


def _agencies(sop: SopParts) -> list[str]:
    return list(dict.fromkeys(agency for step in sop.steps for agency in step.agencies))


# The register


def print_register(struck: Sequence[tuple[Regulation, Sequence[Hit]]], day: date, lang: str) -> None:
    """Prints regulations, each with what rests on it."""
    out = console()
    for regulation, hits in struck:
        standing = STANDINGS[regulation.standing(day)].in_language(lang)
        by = f" ({regulation.repealed_by})" if regulation.repealed_by else ""
        source = SOURCES[regulation.source].in_language(lang)
        out.print(f"[bold]{escape(regulation.number)}[/]  {escape(regulation.title.in_language(lang))}")
        lines = [f"{regulation.code} · {standing}{by} · {source}"]
        lines += [regulation.note.in_language(lang)] if regulation.note else []
        by_sop: dict[str, list[str]] = {}
        for hit in hits:
            by_sop.setdefault(hit.sop, []).append(hit.place)
        lines += [f"{sop}: {', '.join(places)}" for sop, places in by_sop.items()] or [NOBODY_RESTS.in_language(lang)]
        _print_indented(lines, out)


def regulation_json(regulation: Regulation, hits: Sequence[Hit], day: date) -> dict[str, Any]:
    """Returns a regulation and what rests on it as a tree."""
    return {
        "code": regulation.code,
        "number": regulation.number,
        "standing": regulation.standing(day),
        "repealed_by": regulation.repealed_by or None,
        "source": regulation.source,
        "hits": [{"sop": hit.sop, "place": hit.place} for hit in hits],
    }
