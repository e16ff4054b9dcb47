"""The tracker's doors: the first page, the search, an application's page and the same facts as JSON; nobody has to sign in."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.tracker.document import document
from services.tracker.ics import CONTENT_TYPE, day_calendar
from services.tracker.kept import Kept
from services.tracker.past import Past
from services.tracker.permit_types import types_of
from services.tracker.plan_pages import add_plan_pages
from services.tracker.texts import TEXTS
from services.tracker.timeline import LINES_MAX, line
from services.tracker.validity_pages import add_validity
from services.tracker.views import BREACH_STATE, case_of
from services.tracker.words import filed_text, step_title
from shared.case import Case
from shared.code import CodeError, parse_code
from shared.envelope import read_entry
from shared.kit.doors import Running
from shared.kit.http import Answer, Site, code_of, language, problem
from shared.kit.stage import Stage
from shared.kit.store import StoreError
from shared.mirrors import CITY, Mirroring, mirroring
from shared.refusals import REFUSALS, Refusal, explain
from shared.sop.lateness import PUBLISHED_STATES
from shared.sop.permit import STATES_OVER
from shared.tricks import TRICKS, count
from shared.web.formats import LANGUAGES, both, listed
from shared.web.site import PAGE_HEADERS, Pages, add_static

PAGES: Final = Pages(Path(__file__).with_name("pages"), TEXTS)
TYPED_CHARACTERS_MAX: Final = 64
PAGE_ROWS: Final = 500
PERMIT_END: Final = "masa-berlaku"  # what a calendar file may be asked for beside a visit
MEMBER: Final = {"cache-control": PAGE_HEADERS["cache-control"], "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


def add_routes(app: FastAPI, site: Site, running: Running, past: Past | None = None) -> None:
    """Adds the tracker's doors; without a past nothing is estimated."""
    past = past or Past()
    add_static(app)
    _add_json(app, running, past)
    _add_counts(app, running)
    _add_pages(app, site, running, past)
    add_plan_pages(app, PAGES, running)
    _add_calendar_files(app, running, past)
    add_validity(app, PAGES, site, running, lambda stage, code: state_of(stage, code, past))
    _add_lost_page(app)


def state_of(stage: Stage, code: str, past: Past) -> dict[str, Any]:
    """Returns the facts of an application: one row by its key, and the rules; raises `Refusal("unknown-code")`."""
    rows = stage.store.rows("SELECT row FROM views WHERE subject = %s", (code,))
    if not rows:
        raise Refusal("unknown-code", code)
    tree = document(code, rows[0]["row"], stage.city, stage.clock.now(), estimate=past.estimate)
    return {**tree, "on_hold": code in stage.held}


def whole_of(stage: Stage, code: str, past: Past, before: int = 0) -> dict[str, Any]:
    """Returns the facts and the newest lines of the history, or those before a sequence; `older` is the sequence to go on from."""
    tree = state_of(stage, code, past)
    sop = stage.city.sops[tree["permit_type"]["sop"]]
    rows = stage.store.rows(
        "SELECT raw FROM entries WHERE subject = %s AND sequence < %s ORDER BY sequence DESC LIMIT %s",
        (code, before or tree["sequence"] + 1, LINES_MAX),
    )
    lines = [line(read_entry(bytes(row["raw"])), sop) for row in rows]
    older = lines[-1]["sequence"] if len(lines) == LINES_MAX and lines[-1]["sequence"] > 1 else 0
    return {**tree, "timeline": lines, "older": older}


def _add_json(app: FastAPI, running: Running, past: Past) -> None:
    @app.get("/v1/applications/{code}", operation_id="application", tags=["applications"])
    async def application(code: str) -> Answer:
        """Where an application stands, for who holds its code."""
        tree = await asyncio.to_thread(state_of, running.ready(), code_of(code), past)
        return Answer(tree, headers=dict(MEMBER))

    @app.get("/permohonan/{code}.json", operation_id="application_page_as_json", tags=["applications"])
    async def page_as_json(code: str, before: int = 0) -> Answer:
        """The facts of an application's page, its history included."""
        tree = await asyncio.to_thread(whole_of, running.ready(), code_of(code), past, _bounded(before))
        return Answer(tree, headers=dict(MEMBER))


def _add_counts(app: FastAPI, running: Running) -> None:
    kept = {
        "breaches": Kept(published_breaches),
        "filings": Kept(counted_filings),
        "mirrors": Kept(_mirrors),
        "tricks": Kept(counted_tricks),
    }

    async def counted(name: str) -> Answer:
        position, found = await kept[name].of(running.ready())
        return Answer({name: found, "position": position})

    @app.get("/v1/breaches", operation_id="breaches", tags=["public"])
    async def breaches() -> Answer:
        """The published breaches, counted by agency and step: none that can still be contested or was dismissed, and no application's code."""
        return await counted("breaches")

    @app.get("/v1/filings", operation_id="filings", tags=["public"])
    async def filings() -> Answer:
        """How people file, counted by month, channel and by whom: what shows whether they still have to come to a counter."""
        return await counted("filings")

    @app.get("/v1/mirrors", operation_id="mirrors", tags=["public"])
    async def mirrors() -> Answer:
        """How well each national system of record is mirrored: how many applications, how late, and where it differs from the city."""
        return await counted("mirrors")

    @app.get("/v1/tricks", operation_id="tricks", tags=["public"])
    async def tricks() -> Answer:
        """The known tricks with time, counted by agency and step over all applications, never by person."""
        return await counted("tricks")


def counted_filings(stage: Stage) -> list[dict[str, Any]]:
    """Returns how many applications were filed in each month (of the city's ledger) by each channel and by whom."""
    rows = stage.store.rows(
        "SELECT substr(row->>'submitted_at', 1, 7) AS month, row->>'channel' AS channel, row->>'filed_as' AS filed_as, count(*) AS filed"
        " FROM views GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    return [{**row, "text": filed_text(row["filed_as"])} for row in rows]


def measured_mirrors(stage: Stage) -> tuple[Mirroring, ...]:
    """Returns the measure of each national system."""
    national = [name for name, sop in stage.city.sops.items() if sop.system_of_record != CITY]
    return mirroring(_cases(stage, "row->>'sop_name' = ANY(%s)", national))


def _mirrors(stage: Stage) -> list[dict[str, Any]]:
    return [asdict(item) for item in measured_mirrors(stage)]


def _cases(stage: Stage, which: str, *parameters: object) -> Iterator[Case]:
    """Yields the cases of some rows, a page of rows at a time: there may be more than fit into memory."""
    query, after = f"SELECT subject, row FROM views WHERE {which} AND subject > %s ORDER BY subject LIMIT %s", ""  # noqa: S608 - constants
    while rows := stage.store.rows(query, (*parameters, after, PAGE_ROWS)):
        yield from (case_of(row["subject"], row["row"], stage.city.sops[row["row"]["sop_name"]]) for row in rows)
        after = rows[-1]["subject"]


def counted_tricks(stage: Stage) -> list[dict[str, Any]]:
    """Returns how often each trick occurred, by agency and step."""
    cases = _cases(stage, "row->'finished' <> '[]'")
    return [
        {"trick": name, "text": both(TRICKS[name]), "agency": agency, "step": step, "count": number}
        for (name, agency, step), number in sorted(count(cases, stage.city.calendar).items())
    ]


def published_breaches(stage: Stage) -> list[dict[str, Any]]:
    """Returns how many breaches were published, by permit type, step and agency."""
    rows = stage.store.rows("SELECT row->>'sop_name' AS sop, row->'breaches' AS breaches FROM views WHERE row->'breaches' <> '[]'")
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        counts.update((row["sop"], breach[0], breach[2]) for breach in row["breaches"] if breach[BREACH_STATE] in PUBLISHED_STATES)
    return [
        {"sop": sop, "step": step, "title": step_title(stage.city.sops.get(sop), step), "agency": agency, "published": count}
        for (sop, step, agency), count in sorted(counts.items())
    ]


def _bounded(sequence: int) -> int:
    return max(0, min(sequence, 2**31 - 1))


def _add_pages(app: FastAPI, site: Site, running: Running, past: Past) -> None:
    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> Response:
        return PAGES.answer(request, "home.html", language(request), problem=None)

    @app.get("/jenis-izin", include_in_schema=False)
    async def permit_types(request: Request) -> Response:
        stage = running.stage
        if stage is None:
            return PAGES.answer(request, "waiting.html", language(request), status=503)
        return PAGES.answer(request, "types.html", language(request), types=types_of(stage.city.at(stage.clock.now())))

    @app.get("/cari", include_in_schema=False)
    async def search(request: Request, kode: str = "") -> Response:
        if not kode.strip():
            return PAGES.answer(request, "home.html", language(request), status=400, problem="empty_text")
        try:
            code = parse_code(kode)
        except CodeError as error:
            return _mistyped(request, kode, error)
        return _redirect(request, code)

    @app.get("/permohonan/{code}", include_in_schema=False)
    async def page(request: Request, code: str, before: int = 0) -> Response:
        try:
            subject = parse_code(code)
        except CodeError as error:
            return _mistyped(request, code, error)
        if subject != code:
            return _redirect(request, subject)
        return await _as_page(request, lambda: _application(request, site, running.ready(), subject, past, _bounded(before)))


def _add_calendar_files(app: FastAPI, running: Running, past: Past) -> None:
    @app.get("/permohonan/{code}/{visit}.ics", operation_id="visit_as_calendar", tags=["applications"], response_class=Response)
    async def visit_as_calendar(request: Request, code: str, visit: str) -> Response:
        """A scheduled visit as an iCalendar file, named by its step and number; `masa-berlaku` is the end of the permit, with its reminders."""
        tree = await asyncio.to_thread(state_of, running.ready(), code_of(code), past)
        text = (_end_of_permit if visit == PERMIT_END else _calendar_of)(tree, visit, language(request))
        return Response(text, media_type=CONTENT_TYPE, headers=dict(MEMBER))


def _calendar_of(tree: dict[str, Any], visit: str, tongue: str) -> str:
    which = LANGUAGES.index(tongue)
    found = next((item for item in tree["visits"] if f"{item['step']}-{item['number']}" == visit and item["state"] == "scheduled"), None)
    if found is None:
        raise Refusal("not-found", "visit")
    who = listed([party["short"][tongue] for party in found["parties"]], tongue)
    summary = TEXTS["ics_summary"][which].format(title=tree["permit_type"]["title"][tongue])
    text = TEXTS["ics_text"][which].format(who=who)
    day = date.fromisoformat(found["date"])
    return day_calendar(tree["application"], found["step"], found["number"], day, tree["recorded"], (summary, text))


def _end_of_permit(tree: dict[str, Any], what: str, tongue: str) -> str:
    which, permit = LANGUAGES.index(tongue), tree["permit"]
    if permit is None or permit["state"] in STATES_OVER or not permit["valid_until"]:
        raise Refusal("not-found", "permit")
    summary = TEXTS["ics_permit"][which].format(title=tree["permit_type"]["title"][tongue])
    text = TEXTS["ics_renewal" if permit["renewal_from"] else "ics_no_renewal"][which]
    words, alarms = (summary, text), permit["announced_days_before"]
    return day_calendar(tree["application"], what, 1, date.fromisoformat(permit["valid_until"]), tree["recorded"], words, alarms)


def _redirect(request: Request, code: str) -> Response:
    asked = request.query_params.get("lang", "")
    query = f"?lang={quote(asked)}" if asked else ""
    return Response(status_code=303, headers={"location": f"/permohonan/{code}{query}", **MEMBER})


async def _as_page(request: Request, answer: Callable[[], Response]) -> Response:
    """Answers in a thread; a refusal becomes a page in words."""
    tongue = language(request)
    try:
        return await asyncio.to_thread(answer)
    except Refusal as refusal:
        template = {"unknown-code": "unknown.html"}.get(refusal.code, "waiting.html")
        return PAGES.answer(request, template, tongue, status=REFUSALS[refusal.code].status, code=refusal.about)
    except StoreError:
        return PAGES.answer(request, "waiting.html", tongue, status=503)


def _application(request: Request, site: Site, stage: Stage, code: str, past: Past, before: int) -> Response:
    tongue = language(request)
    try:
        tree = whole_of(stage, code, past, before)
    except Refusal:
        reason = _not_accepted(stage, code)
        if reason is None:
            raise
        return PAGES.answer(request, "rejected.html", tongue, status=404, code=code, reason=explain(reason, tongue) if reason else None)
    return PAGES.answer(request, "application.html", tongue, app=tree, before=before, behind=bool(site.health.problems))


def _not_accepted(stage: Stage, code: str) -> str | None:
    """Returns why an application without a row is not one: its submission's refusal, empty while it is held, None when nothing is known."""
    rows = stage.store.rows("SELECT refused FROM entries WHERE subject = %s ORDER BY sequence DESC LIMIT 1", (code,))
    if not rows:
        return None
    refused = str(rows[0]["refused"])
    return refused if refused in REFUSALS else ""


def _mistyped(request: Request, typed: str, error: CodeError) -> Response:
    """Says what is wrong with a code, with the place of the character that cannot occur."""
    shown = typed[:TYPED_CHARACTERS_MAX]
    place = error.index if error.index is not None and error.index < len(shown) else None
    count = sum(character.isalnum() for character in typed)
    count -= 3 if typed.strip().upper().startswith("PKY") else 0
    reason = "length" if error.reason == "character" and place is None else error.reason
    values = {"typed": shown, "reason": reason, "place": place, "count": max(0, count)}
    return PAGES.answer(request, "mistyped.html", language(request), status=404, **values)


def _add_lost_page(app: FastAPI) -> None:
    """Answers a wrong address in the browser with a page; the JSON doors go on answering with a problem."""

    @app.exception_handler(HTTPException)
    async def lost(request: Request, error: HTTPException) -> Response:
        code = {404: "not-found", 405: "not-found", 413: "body-too-large"}.get(error.status_code, "malformed")
        if code == "not-found" and "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/"):
            return PAGES.answer(request, "lost.html", language(request), status=404)
        return problem(Refusal(code), language(request))
