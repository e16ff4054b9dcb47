"""The receipt (tanda terima) that whoever has filed an application takes home: its code, what was handed in, and what was promised.

The ledger's proof of the submission goes with it, as a file that `jejak verify` checks without the city; so early it may not be there yet.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.intake.papers import PaperDesk, file_answer
from services.intake.permit_paper import CITY, MARK
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
from shared.web.paper import Paper, Row

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
_PROOFS: Final = {
    True: (
        "Bukti pencatatan disertakan: simpan sebagai berkas .tlog-proof dan periksa dengan jejak verify.",
        "The ledger's proof is included: save it as a .tlog-proof file and check it with jejak verify.",
    ),
    False: (
        "Bukti pencatatan belum ada: tanda tangan buku jejak belum mencakup permohonan ini. Ambil tanda terima lagi satu menit lagi.",
        "There is no proof yet: no signature of the ledger covers this application. Take the receipt again in a minute.",
    ),
}
_STATES: Final = {
    True: ("Sudah dicatat di buku jejak kota.", "Entered in the city's ledger."),
    False: ("Menunggu dicatat di buku jejak kota.", "Waiting to be entered in the city's ledger."),
}


def receipt(case: Case, tongue: str, proof: str = "") -> dict[str, Any]:
    """Returns the receipt of an application, also as lines for a counter's printer; no name stands in it, so it may be lost.

    `proof` is the ledger's receipt of the submission, empty while no checkpoint covers it.
    """
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
        "proof": proof,
        "proof_text": _PROOFS[bool(proof)][which],
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
            _PROOFS[bool(proof)][which],
        ],
    }


def add_routes(app: FastAPI, site: Site, running: Running, desk: PaperDesk) -> None:
    """Adds the receipt: as JSON, and as a sheet to print."""

    async def made(code: str, request: Request) -> dict[str, Any]:
        stage, actor = running.ready(), site.actor(request, *FILING_ROLES)
        subject, tongue = code_of(code), language(request)
        case = await asked_whole(running, subject, lambda: _case_for(stage, subject, actor))
        return receipt(case, tongue, await _proof(desk, case))

    @app.get("/v1/applications/{code}/receipt", operation_id="receipt", tags=["file room"])
    async def show(code: str, request: Request) -> Answer:
        """The receipt, for the applicant, who helped at the counter, and an attorney while the power lasts; with the ledger's proof once it is signed."""
        return Answer(await made(code, request))

    @app.get("/v1/applications/{code}/receipt.pdf", operation_id="receipt_document", tags=["file room"], response_class=Response)
    async def show_sheet(code: str, request: Request) -> Response:
        """The receipt as a signed PDF to print, with a QR code to the application's page and the ledger's proof attached once it is there."""
        signer, found, tongue = desk.ready(), await made(code, request), language(request)
        attached = {f"{found['application']}-1.tlog-proof": found["proof"].encode()} if found["proof"] else {}

        def make() -> bytes:
            from shared.web.paper_pdf import pdf

            return signer.sign(pdf(receipt_paper(found, desk.tracker_url, tongue)), attached)

        return file_answer(await asyncio.to_thread(make), f"{found['application']}-tanda-terima.pdf")


def receipt_paper(found: Mapping[str, Any], tracker_url: str, tongue: str) -> Paper:
    """Returns the receipt as a sheet; its address is that of the application's page."""
    address = f"{tracker_url}/permohonan/{found['application']}"
    heading, code, *lines = found["lines"]
    return Paper((CITY.upper(),), heading, code, tuple(Row("", (line,)) for line in lines), (address,), address, MARK, tongue)


async def _proof(desk: PaperDesk, case: Case) -> str:
    """Returns the ledger's receipt of the submission, empty while there is none: nobody is sent home without a receipt for a signature."""
    try:
        proofs = await desk.proofs_of(case.code)
    except Refusal:
        return ""
    return proofs[0].receipt.decode() if proofs else ""


def _case_for(stage: Stage, subject: str, actor: Actor) -> Case:
    case = known_case(stage, subject)
    if theirs := receipt_refusal(case, actor.role, actor.authid(stage.city_key, subject), stage.today().isoformat()):
        raise Refusal(theirs)
    return case
