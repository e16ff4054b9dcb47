"""The doors that say whether a permit is valid: a page and JSON, for whoever scans the QR code of its document."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from services.tracker.validity import sentence, validity
from shared.code import CodeError, parse_code
from shared.kit.doors import Running
from shared.kit.http import Answer, Site, code_of, language
from shared.kit.stage import Stage
from shared.kit.store import StoreError
from shared.refusals import REFUSALS, Refusal
from shared.web.site import PAGE_HEADERS, Pages

StateOf = Callable[[Stage, str], dict[str, Any]]
HEADERS: Final = {"cache-control": PAGE_HEADERS["cache-control"], "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


def add_validity(app: FastAPI, pages: Pages, site: Site, running: Running, state_of: StateOf) -> None:
    """Adds both doors; `state_of` gives an application's facts and raises `Refusal("unknown-code")`."""

    @app.get("/v/{code}.json", operation_id="validity", tags=["public"])
    async def validity_as_json(code: str) -> Answer:
        """Whether a permit is valid now, in one sentence and why, for who holds its code."""
        tree = await asyncio.to_thread(state_of, running.ready(), code_of(code))
        return Answer(validity(tree), headers=dict(HEADERS))

    @app.get("/v/{code}", include_in_schema=False)
    async def validity_page(request: Request, code: str) -> Response:
        try:
            subject = parse_code(code)
        except CodeError:
            return _no_permit(request, pages, code[:64])
        try:
            found = validity(await asyncio.to_thread(state_of, running.ready(), subject))
        except Refusal as refusal:
            if refusal.code == "unknown-code":
                return _no_permit(request, pages, subject)
            return pages.answer(request, "waiting.html", language(request), status=REFUSALS[refusal.code].status)
        except StoreError:
            return pages.answer(request, "waiting.html", language(request), status=503)
        return pages.answer(request, "validity.html", language(request), found=found, code=subject, behind=bool(site.health.problems))


def _no_permit(request: Request, pages: Pages, code: str) -> Response:
    found = {"status": "unknown", "valid": False, "sentence": sentence("unknown"), "number": ""}
    return pages.answer(request, "validity.html", language(request), status=404, found=found, code=code, behind=False)
