"""The papers that a citizen takes home as PDF files: the permit and the receipt, each signed, with the ledger's proofs in it and a QR code.

They are made here because the holder's data lies here; no other service gets it, and nobody keeps a copy.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response

from services.intake.permit_paper import attachments, changes, papers_of, permit_paper
from services.intake.proofs import ProofsOf, Proved
from services.intake.signer import Signer
from shared.case import Case
from shared.kit.doors import Running, asked_whole, known_case
from shared.kit.http import Site, code_of
from shared.kit.stage import Stage
from shared.kit.tokens import Actor
from shared.refusals import Refusal
from shared.sop.applicants import ACTING_ROLES, applicant_refusal
from shared.sop.permit import STATES_OVER

PDF: Final = "application/pdf"
SHOWN: Final = ("name", "address")  # of the holder; no more than a permit needs


async def _nothing(_subject: str) -> tuple[Proved, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """What papers are made with: the ledger's proofs, the tracker's address for QR codes, and who signs; without a signer none are made."""

    proofs_of: ProofsOf = _nothing
    tracker_url: str = ""
    signer: Signer | None = None

    def ready(self) -> Signer:
        """Returns who signs; raises `Refusal("papers-absent")`."""
        if self.signer is None:
            raise Refusal("papers-absent")
        return self.signer


def file_answer(content: bytes, name: str) -> Response:
    """Returns a file to be saved, which no cache keeps."""
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
    return Response(content, media_type=PDF, headers=headers)


def add_papers(app: FastAPI, site: Site, running: Running, desk: PaperDesk) -> None:
    """Adds the permit's document."""

    @app.get("/v1/applications/{code}/permit.pdf", operation_id="permit_document", tags=["file room"], response_class=Response)
    async def permit_document(code: str, request: Request) -> Response:
        """The permit as a signed PDF (a sample), for its holder and an attorney while the power lasts; its proofs are attached in it."""
        stage, actor, signer = running.ready(), site.actor(request, *ACTING_ROLES), desk.ready()
        subject = code_of(code)
        case, holder = await asked_whole(running, subject, lambda: _held_by(stage, subject, actor))
        entries = papers_of(await desk.proofs_of(subject))
        if case.permit is None or len(entries) <= changes(case.permit):
            raise Refusal("not-yet-signed")
        paper = permit_paper(case, holder, entries, f"{desk.tracker_url}/v/{subject}", signer.name, stage.clock.now())

        def make() -> bytes:
            # Slow to load, and most processes never make one.
            from shared.web.paper_pdf import pdf

            return signer.sign(pdf(paper), attachments(subject, entries))

        return file_answer(await asyncio.to_thread(make), f"{subject}.pdf")


def _held_by(stage: Stage, subject: str, actor: Actor) -> tuple[Case, Mapping[str, str]]:
    """Returns the case and what its document says of the holder; raises `Refusal` for who is not the holder and a permit that is over."""
    case = known_case(stage, subject)
    if case.forgotten_at:
        raise Refusal("already-forgotten")
    if theirs := applicant_refusal(case, actor.role, actor.authid(stage.city_key, subject), stage.today().isoformat()):
        raise Refusal(theirs)
    if case.permit is None:
        raise Refusal("no-permit")
    if case.permit.state in STATES_OVER:
        raise Refusal("permit-over")
    values = stage.vault.read(subject) if stage.vault else {}
    # After a transfer the vault still has the data of who held it before.
    return case, {name: value for commitment, (name, value) in values.items() if commitment in case.disclosed and name in SHOWN}
