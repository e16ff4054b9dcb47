"""The tracker's doors over HTTP, in front of a stage that holds a few applications: pages, redirects, wrong codes, headers, JSON."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx
import pytest

from services.tracker import doors
from services.tracker.timeline import LINES_MAX
from shared import events as e
from shared.kit.clock import SystemClock
from shared.kit.doors import Running
from shared.kit.http import Health, Site, make_app
from shared.kit.shipped_plans import goals
from shared.kit.stage import Stage
from shared.kit.telemetry import Metrics
from shared.web.site import FILES
from tests.builders import CODE, OTHER_CODE, REKLAME, SKP, History, make_city, make_line
from tests.services.tracker import states
from tests.sops import second_version

Get = Callable[..., Any]


@dataclass
class Rows:
    """A store of a few applications that answers the tracker's statements."""

    histories: dict[str, History] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Answers the three statements of the tracker."""
        self.asked.append(statement)
        history = self.histories.get(parameters[0])
        if history is None:
            return []
        if "FROM views" in statement:
            return [{"row": states.row_of(history)}] if history.case.sop else []
        if "SELECT refused" in statement:
            return [{"refused": history.entries[-1].stamp.refused}]
        found = [entry for entry in reversed(history.entries) if entry.stamp.sequence < parameters[1]]
        return [{"raw": entry.raw} for entry in found[: parameters[2]]]


@dataclass
class FakeStage:
    """As much of a stage as readers need."""

    store: Rows
    city: Any = field(default_factory=make_city)
    clock: SystemClock = field(default_factory=SystemClock)
    held: set[str] = field(default_factory=set)


@pytest.fixture
def stage() -> FakeStage:
    """Returns a stage with one issued application."""
    return FakeStage(Rows({CODE: states.issued()}))


@pytest.fixture
def running(stage: FakeStage) -> Running:
    """Returns the stage as the doors know it."""
    # The doors only ask whether it is there.
    return Running(cast("Stage", stage), cast("Any", object()))


@pytest.fixture
def get(running: Running) -> Get:
    """Returns a function that asks the app."""
    site = Site("tracker", Metrics(), Health(), b"k" * 32, b"k" * 32)
    app = make_app(site, "tracker")
    doors.add_routes(app, site, running)

    async def ask(path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tracker") as client:
            return await client.get(path, headers={"accept": "text/html", **headers})

    return ask


async def test_page_of_an_application(get: Get) -> None:
    """Who holds the code reads the page without signing in, and the page is kept by no shared cache and sent to nobody."""
    answer = await get(f"/permohonan/{CODE}")

    assert answer.status_code == 200
    assert "Izin sudah terbit." in answer.text
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_state_takes_one_read_by_key(get: Get, stage: FakeStage) -> None:
    """The state as JSON is read with one statement by the primary key."""
    answer = await get(f"/v1/applications/{CODE}")

    assert answer.json()["outcome"] == "issued"
    assert stage.store.asked == ["SELECT row FROM views WHERE subject = %s"]


async def test_json_of_the_page_is_what_the_page_shows(get: Get) -> None:
    """The page as JSON has the same facts, with the history."""
    tree = (await get(f"/permohonan/{CODE}.json")).json()
    html = (await get(f"/permohonan/{CODE}")).text

    assert tree["permit"]["number"] in html
    assert len(tree["timeline"]) == tree["sequence"] == html.count('<p class="who">')


@pytest.mark.parametrize("typed", ["pky 36bs 2wsw k54e f", "36BS2WSWK54EF", "PKY-36bs\u20132wsw.k54e/f"])
async def test_search_forgives_how_a_code_is_typed(get: Get, typed: str) -> None:
    """Spaces, small letters and other dashes lead to the page of the code."""
    answer = await get(f"/cari?kode={typed}")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/permohonan/{CODE}")


async def test_other_spelling_in_the_address_leads_to_the_one_spelling(get: Get) -> None:
    """A code in small letters in the address is redirected, and the language asked for stays."""
    answer = await get(f"/permohonan/{CODE.lower()}?lang=en")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/permohonan/{CODE}?lang=en")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("PKY-36B!-2WSW-K54E-F", "Karakter ke-8, yaitu “!”"),
        ("PKY-36BS-2WSW", "berisi 8."),
        ("PKY-36BS-2WSW-K54E-G", "karakter terakhir tidak cocok"),
        ("x" * 500, "berisi 500."),
        ("<b>", "&lt;</mark>b&gt;"),
    ],
)
async def test_mistyped_code_gets_a_page_that_says_what_is_wrong(get: Get, typed: str, words: str) -> None:
    """The page names the character that cannot occur, the wrong length, or the check that fails, and offers the form again."""
    answer = await get("/cari?kode=" + typed)

    assert answer.status_code == 404
    assert words in answer.text
    assert "<form" in answer.text
    assert "<b>" not in answer.text.replace('<b class="', "")


async def test_unknown_code_gets_a_page_that_helps(get: Get) -> None:
    """A right code that the ledger does not know may still be waiting to be entered, says the page."""
    answer = await get(f"/permohonan/{OTHER_CODE}")

    assert answer.status_code == 404
    assert OTHER_CODE in answer.text
    assert "menunggu dicatat" in answer.text


async def test_json_of_unknown_and_mistyped_codes_is_a_problem(get: Get) -> None:
    """The JSON doors answer wrong codes with the refusal's code."""
    unknown = await get(f"/v1/applications/{OTHER_CODE}")
    mistyped = await get("/permohonan/PKY-1.json")

    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-code")
    assert (mistyped.status_code, mistyped.json()["code"]) == (404, "mistyped-code")


async def test_refused_submission_is_told_with_its_reason(get: Get, stage: FakeStage) -> None:
    """A submission that the ledger refused has a page that says why it is no application."""
    history = History(SKP, code=CODE)
    event = history.event(states.submitted().entries[0].event.data)
    history.entries.append(make_line(event, refused="sop-not-in-force"))
    stage.store.histories[CODE] = history

    answer = await get(f"/permohonan/{CODE}")

    assert answer.status_code == 404
    assert "Versi SOP ini tidak berlaku pada hari ini." in answer.text


async def test_held_application_says_so(get: Get, stage: FakeStage) -> None:
    """While a record of an application cannot be read, its page and its JSON say so."""
    stage.held.add(CODE)

    assert "sedang ditahan sistem" in (await get(f"/permohonan/{CODE}")).text
    assert (await get(f"/v1/applications/{CODE}")).json()["on_hold"]


async def test_starting_tracker_answers_with_a_page(get: Get, running: Running) -> None:
    """Before the tracker is ready a citizen reads when to come back."""
    running.stage = None

    answer = await get(f"/permohonan/{CODE}")

    assert answer.status_code == 503
    assert "sedang disiapkan" in answer.text


async def test_language_is_asked_once_and_remembered(get: Get) -> None:
    """The language of the address is kept in a cookie, which the next page follows; without any, the browser's, then Indonesian."""
    asked = await get("/?lang=en")

    assert 'lang="en"' in asked.text
    assert "lang=en" in asked.headers["set-cookie"]
    assert '<html lang="en">' in (await get("/", cookie="lang=en")).text
    assert '<html lang="en">' in (await get("/", **{"accept-language": "en-GB"})).text
    assert '<html lang="id">' in (await get("/", **{"accept-language": "fr"})).text


async def test_language_links_keep_what_was_typed(get: Get) -> None:
    """Switching the language on the page of a mistyped code keeps the code."""
    answer = await get("/cari?kode=PKY-1")

    assert 'href="/cari?kode=PKY-1&amp;lang=en"' in answer.text


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/cari?kode=", 400), ("/tidak-ada", 404)])
async def test_other_pages_have_the_form(get: Get, path: str, status: int) -> None:
    """The first page, an empty search and a wrong address all offer the form."""
    answer = await get(path)

    assert answer.status_code == status
    assert 'name="kode"' in answer.text


async def test_long_history_is_paged(get: Get, stage: FakeStage) -> None:
    """The page shows the newest lines and leads to the older ones; together they are the whole history."""
    history = states.issued()
    while len(history.entries) < LINES_MAX + 10:
        history.say(e.ApplicationWithdrawn(reason="batal-usaha"))
    stage.store.histories[CODE] = history

    newest = (await get(f"/permohonan/{CODE}.json")).json()
    older = (await get(f"/permohonan/{CODE}.json?before={newest['older']}")).json()
    html = (await get(f"/permohonan/{CODE}")).text

    sequences = [line["sequence"] for line in newest["timeline"] + older["timeline"]]
    assert sequences == list(range(len(history.entries), 0, -1))
    assert older["older"] == 0
    assert f"?before={newest['older']}#riwayat" in html
    assert len(html.encode()) + sum(len(content) for content in FILES.values()) <= 40 * 1024


async def test_static_files_are_kept_and_named_by_content(get: Get) -> None:
    """The style sheet may be kept for a year, because its address changes with its content; other names do not exist."""
    style = await get("/static/site.css")

    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert (await get("/static/other.css")).status_code == 404


async def test_permit_types_show_the_version_in_force_and_the_coming_one(get: Get, stage: FakeStage) -> None:
    """The list of permit types names the SOP in force today and the one that is published for a later day, in both languages."""
    coming = second_version()
    stage.city = replace(stage.city, sops={**stage.city.sops, coming.name: coming}, in_force_from={coming.name: "2199-01-04"})
    answer = await get("/jenis-izin")
    assert answer.status_code == 200
    assert f"<td>{REKLAME}</td>" in answer.text
    assert f"{coming.name}, mulai" in answer.text
    stage.city = replace(stage.city, withdrawn=frozenset({REKLAME}))
    assert "takes no new applications" in (await get("/jenis-izin?lang=en")).text
    stage.city = replace(stage.city, in_force_from={coming.name: "2020-01-06"})
    assert f"<td>{coming.name}</td>" in (await get("/jenis-izin")).text


async def test_plans_are_listed_and_shown(get: Get) -> None:
    """The first page leads to the list, the list to each plan; an unknown plan is a page in words."""
    assert 'href="/rencana"' in (await get("/")).text
    listed = (await get("/rencana")).text
    assert all(f'href="/rencana/{goal}"' in listed for goal in goals())
    answer = await get("/rencana/buka-kafe?lang=en&gedung-baru=ya")
    assert answer.status_code == 200
    assert 'name="gedung-baru" value="ya" checked' in answer.text
    assert (await get("/rencana/buka-bank")).status_code == 404


async def test_a_wrong_answer_is_told_beside_its_field(get: Get) -> None:
    """Given a number that cannot be read, the page says which, keeps what was written, escaped, and still shows the rest of the plan."""
    answer = await get("/rencana/buka-kafe?papan-nama-di-jalan=ya&reklame-permanen.tinggi-m=%3Cb%3Etinggi")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="&lt;b&gt;tinggi"' in answer.text
    assert "<b>tinggi" not in answer.text
