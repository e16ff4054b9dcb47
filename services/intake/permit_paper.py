"""The permit's document (naskah izin) as words: what stands in it follows from the fold, the issuing entry and the holder's own data alone."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from services.intake.proofs import Proved
from shared import events as e
from shared.agencies import party_name
from shared.calendar import WIB
from shared.case import Case
from shared.fields import to_instant
from shared.permit_model import Permit
from shared.permit_words import PERMIT_FIELDS
from shared.reasons import text_of
from shared.refusals import Refusal
from shared.roles import role_name
from shared.sop.model import FactValue, Sop
from shared.web.formats import day_text, readable, time_text
from shared.web.paper import Paper, Row

MARK: Final = "CONTOH"
CITY: Final = "Pemerintah Kota Palangka Raya"
ISSUES: Final = (e.PermitIssued, e.PermitDeemedGranted)
# The entries after which the document says something else, each with its own receipt in it.
CHANGES: Final = (e.PermitRenewed, e.PermitDeemedRenewed, e.PermitCorrected, e.PermitDuplicateIssued, e.PermitTransferred)


def papers_of(proofs: Sequence[Proved]) -> tuple[Proved, ...]:
    """Returns the proved entries that the document rests on, the issuing one first; empty when that is not there."""
    standing = [item for item in proofs if not item.entry.stamp.refused]
    issues = [item for item in standing if isinstance(item.entry.event.data, ISSUES)]
    return (issues[-1], *(item for item in standing if isinstance(item.entry.event.data, CHANGES))) if issues else ()


def changes(permit: Permit) -> int:
    """Returns how many entries have changed what the document says since the permit was issued."""
    renewed = sum(item.result == "renewed" for item in permit.renewals)
    moved = sum(item.result == "transferred" for item in permit.transfers)
    return renewed + moved + len(permit.corrections) + len(permit.duplicates)


def permit_paper(case: Case, holder: Mapping[str, str], entries: Sequence[Proved], address: str, signed_by: str, now: datetime) -> Paper:
    """Returns the document of a permit that stands; raises `Refusal("no-permit")` where there is none."""
    permit, sop = case.permit, case.sop
    if permit is None or sop is None:
        raise Refusal("no-permit")
    issued = entries[0].entry.event.data
    owner = party_name(sop.owner)["id"]
    rows = (
        Row("Pemegang", tuple(filter(None, (holder.get("name", ""), holder.get("address", ""))))),
        Row("Objek", (sop.title.id, *_facts(sop, case.facts))),
        Row("Lokasi (kode kelurahan)", (case.kelurahan,)),
        Row("Masa berlaku", (_validity(permit),)),
        Row("Kewajiban pemegang", _conditions(sop, issued)),
        Row("Dasar hukum", _legal_bases(sop, issued)),
        Row("Ditetapkan oleh", (_official(case, sop, permit), owner)),
        *_later(permit),
    )
    heading = "SURAT IZIN" + (f" (DUPLIKAT KE-{permit.duplicates[-1].number})" if permit.duplicates else "")
    number = f"Nomor: {permit.number}"
    names = ", ".join(attachments(case.code, entries))
    beside = (
        f"Kode: {case.code}",
        f"Berlaku atau tidak saat ini: {address}",
        f"Bukti pencatatan terlampir di dalam berkas ini ({names}): jejak verify BERKAS",
        f"Ditandatangani elektronik oleh: {signed_by}. Sertifikat contoh ini bukan sertifikat negara (bukan BSrE).",
        f"Dibuat {time_text(now, 'id')}. Dokumen contoh: tidak memberi hak apa pun.",
    )
    return Paper((CITY.upper(), owner.upper()), f"{heading}: {sop.title.id}", number, rows, beside, address, MARK)


def attachments(code: str, entries: Sequence[Proved]) -> dict[str, bytes]:
    """Returns the receipts by the names that they have in the document, which are those of the ledger's own files."""
    return {f"{code}-{item.entry.stamp.sequence}.tlog-proof": item.receipt for item in entries}


def _facts(sop: Sop, facts: Mapping[str, FactValue]) -> tuple[str, ...]:
    return tuple(f"{sop.fact_by_name[name].title.id}: {_value(facts[name])}" for name in sorted(facts) if name in sop.fact_by_name)


def _value(value: FactValue) -> str:
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    return str(value).replace(".", ",") if isinstance(value, int) or value[:1].isdigit() else readable(value)


def _validity(permit: Permit) -> str:
    first = day_text(date.fromisoformat(permit.valid_from), "id")
    last = day_text(date.fromisoformat(permit.valid_until), "id") if permit.valid_until else ""
    return f"{first} sampai dengan {last}" if last else f"sejak {first}, tidak dibatasi waktu"


def _conditions(sop: Sop, issued: object) -> tuple[str, ...]:
    chosen = issued.conditions if isinstance(issued, e.PermitIssued) else ()
    found = tuple(item.title.id for item in sop.conditions if item.code in chosen)
    return found or ("tidak ada yang khusus",)


def _legal_bases(sop: Sop, issued: object) -> tuple[str, ...]:
    deemed = issued.legal_basis if isinstance(issued, e.PermitDeemedGranted) else ""
    titles = {item.code: item.title.id for item in sop.legal_bases}
    law = (f"Terbit karena hukum (fiktif positif): {titles.get(deemed, readable(deemed))}",) if deemed else ()
    return (*law, *(title for code, title in titles.items() if code != deemed))


def _official(case: Case, sop: Sop, permit: Permit) -> str:
    if permit.deemed:
        return "Dianggap dikabulkan: dicatat oleh buku jejak kota, tanpa keputusan pejabat"
    step = sop.decision_step
    by_rule = case.steps[step.code].authid == "" if step.code in case.steps else False
    return "Sistem, oleh aturan yang diterbitkan" if by_rule else role_name(step.role)["id"].capitalize()


def _later(permit: Permit) -> tuple[Row, ...]:
    """Returns what has changed in the document since the permit was issued."""
    renewed = [f"{_day(item.at)}: sampai dengan {_local(item.valid_until)}" for item in permit.renewals if item.result == "renewed"]
    corrected = [f"{_day(item.at)}: {PERMIT_FIELDS[item.field][0]} ({_reason(item.reason)})" for item in permit.corrections]
    moved = [f"{_day(item.at)}: kepada pemegang yang tertulis di atas" for item in permit.transfers if item.result == "transferred"]
    doubled = [f"ke-{item.number}, {_day(item.at)} ({_reason(item.reason)})" for item in permit.duplicates]
    found = {"Perpanjangan": renewed, "Ralat": corrected, "Balik nama": moved, "Duplikat": doubled}
    return tuple(Row(name, tuple(lines)) for name, lines in found.items() if lines)


def _reason(code: str) -> str:
    return (text_of(code) or (readable(code), ""))[0]


def _day(instant: str) -> str:
    return day_text(to_instant(instant).astimezone(WIB).date(), "id")


def _local(day: str) -> str:
    return day_text(date.fromisoformat(day), "id") if day else "tidak dibatasi waktu"
