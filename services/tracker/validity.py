"""Whether a permit is valid now, in one sentence and why: what the QR code on its document leads to."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from services.tracker.words import reasons
from shared.calendar import WIB
from shared.fields import to_instant
from shared.sop.permit import STATES_OVER
from shared.web.formats import LANGUAGES, both, day_text

Tree = dict[str, Any]
# Every way in which a permit may stand, and the sentence that says it; the first two are the valid ones.
SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "valid-until": ("Izin ini BERLAKU sampai dengan {until}.", "This permit is VALID until {until}."),
    "valid-without-end": ("Izin ini BERLAKU tanpa batas waktu.", "This permit is VALID without an end date."),
    "not-yet-valid": ("Izin ini BELUM BERLAKU: baru berlaku mulai {since}.", "This permit is NOT YET VALID: it begins on {since}."),
    "suspended": ("Izin ini TIDAK BERLAKU: dibekukan sejak {since}.", "This permit is NOT VALID: suspended since {since}."),
    "revoked": ("Izin ini TIDAK BERLAKU: dicabut pada {since}.", "This permit is NOT VALID: revoked on {since}."),
    "annulled": (
        "Izin ini TIDAK BERLAKU: dibatalkan pada {since} dan dianggap tidak pernah sah.",
        "This permit is NOT VALID: annulled on {since}, void from the start.",
    ),
    "surrendered": (
        "Izin ini TIDAK BERLAKU: dikembalikan pemegangnya pada {since}.",
        "This permit is NOT VALID: given back by its holder on {since}.",
    ),
    "expired": ("Izin ini TIDAK BERLAKU: masa berlakunya habis pada {until}.", "This permit is NOT VALID: it expired after {until}."),
    "never-issued": (
        "TIDAK ADA IZIN: untuk permohonan ini belum atau tidak pernah terbit izin.",
        "THERE IS NO PERMIT: none was issued for this application so far.",
    ),
    "unknown": ("TIDAK ADA IZIN: kode ini tidak dikenal.", "THERE IS NO PERMIT: this code is not known."),
}
VALID: Final = ("valid-until", "valid-without-end")
# What a document may not say yet that is older than these days.
NOTES: Final[dict[str, tuple[str, str]]] = {
    "deemed": (
        "Izin ini berlaku karena hukum (fiktif positif) dan sama kuatnya dengan izin lain.",
        "This permit holds by law (deemed approval) and is as good as any other.",
    ),
    "transferred": (
        "Izin beralih ke pemegang baru pada {day}: dokumen yang lebih lama menyebut pemegang sebelumnya dan sudah diganti.",
        "The permit came to another holder on {day}: an older document names the holder before and is superseded.",
    ),
    "renewed": (
        "Diperpanjang pada {day}: dokumen yang lebih lama menyebut masa berlaku sebelumnya.",
        "Renewed on {day}: an older document has the validity before.",
    ),
    "corrected": (
        "Diralat pada {day}: dokumen yang lebih lama memuat kesalahan tulis.",
        "Corrected on {day}: an older document has a slip of the pen in it.",
    ),
    "duplicate": ("Duplikat ke-{number} terbit pada {day}.", "Duplicate {number} was issued on {day}."),
}


def validity(tree: Mapping[str, Any]) -> Tree:
    """Returns the validity that an application's facts (see `document`) tell of, on the local day on which they were asked for.

    The calendar goes before the state: after its last day nobody may use a permit, also before the ledger has entered that it expired.
    """
    permit, today = tree["permit"], _day(tree["as_of"])
    status = _status(permit, today) if permit else "never-issued"
    since, until = _times(permit, status) if permit else (None, None)
    return {
        "application": tree["application"],
        "status": status,
        "valid": status in VALID,
        "sentence": sentence(status, since, until),
        "reasons": reasons(permit["reasons"]) if permit and status in ("suspended", "revoked", "annulled") else [],
        "number": permit["number"] if permit else "",
        "valid_from": permit["valid_from"] if permit else "",
        "valid_until": permit["valid_until"] if permit else "",
        "notes": _notes(permit) if permit else [],
        "permit_type": tree["permit_type"],
        "as_of": tree["as_of"],
        "position": tree["position"],
        "case_digest": tree["case_digest"],
    }


def sentence(status: str, since: date | None = None, until: date | None = None) -> dict[str, str]:
    """Returns the one sentence in both languages."""
    return {tongue: SENTENCES[status][which].format(since=_text(since, tongue), until=_text(until, tongue)) for which, tongue in _TONGUES}


_TONGUES: Final = tuple(enumerate(LANGUAGES))


def _status(permit: Mapping[str, Any], today: date) -> str:
    if permit["state"] in STATES_OVER:
        return str(permit["state"])
    if permit["valid_until"] and date.fromisoformat(permit["valid_until"]) < today:
        return "expired"
    if permit["state"] == "suspended":
        return "suspended"
    if date.fromisoformat(permit["valid_from"]) > today:
        return "not-yet-valid"
    return "valid-until" if permit["valid_until"] else "valid-without-end"


def _times(permit: Mapping[str, Any], status: str) -> tuple[date, date | None]:
    since = date.fromisoformat(permit["valid_from"]) if status == "not-yet-valid" or not permit["state_at"] else _day(permit["state_at"])
    return since, date.fromisoformat(permit["valid_until"]) if permit["valid_until"] else None


def _notes(permit: Mapping[str, Any]) -> list[Tree]:
    """Returns what a holder's document has to say too, with the day since when, the last of each kind."""
    last = {
        "transferred": next((item for item in reversed(permit["transfers"]) if item["result"] == "transferred"), None),
        "renewed": next((item for item in reversed(permit["renewals"]) if item["result"] == "renewed"), None),
        "corrected": permit["corrections"][-1] if permit["corrections"] else None,
        "duplicate": permit["duplicates"][-1] if permit["duplicates"] else None,
    }
    notes = [{"note": "deemed", "since": "", "text": both(NOTES["deemed"])}] if permit["deemed"] else []
    for kind, item in last.items():
        if item:
            texts = {
                tongue: NOTES[kind][which].format(day=_text(_day(item["at"]), tongue), number=item.get("number", ""))
                for which, tongue in _TONGUES
            }
            notes.append({"note": kind, "since": item["at"], "text": texts})
    return notes


def _day(instant: str) -> date:
    moment: datetime = to_instant(instant)
    return moment.astimezone(WIB).date()


def _text(day: date | None, tongue: str) -> str:
    return day_text(day, tongue) if day else ""
