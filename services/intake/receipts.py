"""The receipt (tanda terima) that whoever has filed an application takes home: its code, what was handed in, and what was promised."""

from typing import Any, Final

from fastapi import FastAPI, Request

from shared.calendar import WIB
from shared.case import Case
from shared.fields import to_instant
from shared.kit.doors import Running, asked_whole, known_case
from shared.kit.http import Answer, Site, code_of, language
from shared.kit.stage import Stage
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from shared.sop.applicants import FILED, FILING_ROLES, receipt_refusal
from shared.sop.handing import looked_up

_WORDS: Final = {
    "id": ("TANDA TERIMA PERMOHONAN IZIN", "Kode", "Diajukan", "Dokumen diterima", "Janji layanan: {days} hari kerja instansi"),
    "en": (
        "RECEIPT OF A PERMIT APPLICATION",
        "Code",
        "Submitted",
        "Documents received",
        "Service promise: {days} working days of the agencies",
    ),
}
_LOOKED_UP: Final = ("dicari sendiri oleh kota, tidak diminta", "looked up by the city, not asked")
_STATES: Final = {
    True: ("Sudah dicatat di buku jejak kota.", "Entered in the city's ledger."),
    False: ("Menunggu dicatat di buku jejak kota.", "Waiting to be entered in the city's ledger."),
}


def receipt(case: Case, tongue: str) -> dict[str, Any]:
    """Returns the receipt of an application, also as lines for a counter's printer; no name stands in it, so it may be lost."""
    sop, which = case.sop, int(tongue == "en")
    title = sop.title.in_language(tongue) if sop else case.sop_name
    known = sop.requirement_by_code if sop else {}
    met = [{"code": code, "title": known[code].title.in_language(tongue) if code in known else code} for code in case.requirements]
    own = {item.code for item in looked_up(known.values())}
    handed, found = ([item for item in met if (item["code"] in own) is looked] for looked in (False, True))
    days = sop.promise_working_days if sop else 0
    heading, code, submitted, documents, promise = _WORDS[tongue]
    when = to_instant(case.submitted_at).astimezone(WIB).strftime("%Y-%m-%d %H:%M WIB")
    filed, entered = FILED[case.filed_as][which], case.position > 0
    return {
        "application": case.code,
        "sop": case.sop_name,
        "title": title,
        "submitted_at": case.submitted_at,
        "filed_as": case.filed_as,
        "channel": case.channel,
        "entered": entered,
        "documents": handed,
        "looked_up": found,
        "promise_working_days": days,
        "lines": [
            heading,
            f"{code}: {case.code}",
            title,
            f"{submitted}: {when}, {filed}",
            _STATES[entered][which],
            f"{documents}: {len(handed)}",
            *(f"- {item['title']}" for item in handed),
            *(f"- {item['title']} ({_LOOKED_UP[which]})" for item in found),
            promise.format(days=days),
        ],
    }


def add_routes(app: FastAPI, site: Site, running: Running) -> None:
    """Adds the receipt."""

    @app.get("/v1/applications/{code}/receipt", operation_id="receipt", tags=["file room"])
    async def show(code: str, request: Request) -> Answer:
        """The receipt, for the applicant, who helped at the counter, and an attorney while the power lasts."""
        stage, actor = running.ready(), site.actor(request, *FILING_ROLES)
        subject, tongue = code_of(code), language(request)
        return Answer(await asked_whole(running, subject, lambda: _receipt_for(stage, subject, actor, tongue)))


def _receipt_for(stage: Stage, subject: str, actor: Actor, tongue: str) -> dict[str, Any]:
    case = known_case(stage, subject)
    if theirs := receipt_refusal(case, actor.role, actor.authid(stage.city_key, subject), stage.today().isoformat()):
        raise Refusal(theirs)
    return receipt(case, tongue)
