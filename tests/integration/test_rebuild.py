"""`jejak rebuild` while the city works: nothing is lost, nothing stands still for long, and what was wrong is named."""

import importlib
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Self

import httpx
import psycopg
import pytest

from deploy.local import postgres
from deploy.local.supervisor import City as LocalCity
from services.cli.client import token
from services.verification.views import project
from shared import events as e
from shared.case import fold_all
from shared.draft import Draft
from shared.envelope import Entry, read_entry
from shared.kit.rebuild import rebuild
from shared.kit.store import REBUILD_LOCK
from shared.kit.tokens import Actor
from shared.replay import row_digest
from tests.builders import CODE, REKLAME, catalogue
from tests.builders import submission as submission_data
from tests.faults.harness import query, settle, submission, until
from tests.integration.commands import jejak
from tests.integration.minicity import APPLICANT, MiniCity

INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'views' ORDER BY indexname"
# They keep coming in every moment of a rebuild; without a pause they would keep the machine from rebuilding.
PAUSE_SECONDS = 0.02


class Arrivals:
    """Applications that keep coming until told to stop."""

    def __init__(self, local: LocalCity) -> None:
        self.codes: list[str] = []
        self._url = f"{local.stack.url('intake')}/v1/applications"
        self._headers = {"authorization": f"Bearer {token(local.stack, 'pemohon', 'applicant')}"}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(headers=self._headers, timeout=60) as client:
            for number in itertools.count():
                if self._stop.wait(PAUSE_SECONDS):
                    return
                answer = client.post(self._url, json=submission(number), headers={"idempotency-key": f"rebuild-{number}"})
                assert answer.status_code == 202, answer.text
                self.codes.append(answer.json()["application"])


@pytest.mark.timeout(300)
def test_views_are_rebuilt_while_applications_keep_coming(real_city: LocalCity) -> None:
    """Rebuilding two services again and again under load finds nothing wrong, and at the end every view equals the replay."""
    with Arrivals(real_city) as arrivals:
        until(lambda: len(arrivals.codes) > 2)
        ends = [jejak(real_city, "rebuild", service, "--format", "json") for service in ("intake", "tracker", "intake")]
        came = len(arrivals.codes)
        until(lambda: len(arrivals.codes) > came)
    settle(real_city)
    compared = jejak(real_city, "replay", "--compare", "--all", "--format", "json")

    assert [(ran.code, ran.error) for ran in ends] == [(0, "")] * len(ends), [ran.out for ran in ends]
    assert ends[2].tree["position"] > ends[0].tree["position"]
    assert compared.code == 0, compared.out
    assert compared.tree["end"]["rows"]["intake"] >= len(arrivals.codes)


def test_the_new_table_has_the_old_ones_indexes(real_city: LocalCity) -> None:
    """After a rebuild the table has the same indexes under the same names, and nothing is left beside it."""
    before = query(real_city, "intake", INDEXES)

    assert jejak(real_city, "rebuild", "intake").code == 0

    assert query(real_city, "intake", INDEXES) == before
    assert len(before) == 2
    assert query(real_city, "intake", "SELECT to_regclass('views_rebuilt') AS found") == [{"found": None}]


class Feed:
    """The ledger's feed from a city in one process, an entry a page; `at_the_end` runs when the last entries are read, under the lock of the exchange."""

    def __init__(self, city: MiniCity, at_the_end: Callable[[], None] = lambda: None) -> None:
        self._city = city
        self._at_the_end = at_the_end

    def between(self, after: int, until: int) -> Iterator[list[Entry]]:
        """Yields the entries in between."""
        if after == until:
            self._at_the_end()
        for position in range(after, until):
            yield [read_entry(row) for row in self._city.ledger.entries(position, 1)]


@pytest.mark.parametrize("name", ["tracker", "treasury"])
def test_partial_indexes_stand_before_the_exchange(minicity: MiniCity, name: str) -> None:
    """Given views with partial indexes, when they are rebuilt, then the new table has them all before it is locked in, and under their names afterwards."""
    minicity.say("intake", CODE, APPLICANT, Draft(submission_data(catalogue()[REKLAME])))
    minicity.pump()
    store, project = minicity.stores[name], importlib.import_module(f"services.{name}.views").project
    before, early = store.rows(INDEXES), list[dict[str, str]]()
    assert any(" WHERE " in row["indexdef"] for row in before)

    def look() -> None:
        early.extend(store.rows("SELECT indexdef FROM pg_indexes WHERE tablename = 'views_rebuilt'"))

    done = rebuild(minicity.url(name), project, Feed(minicity, look), lambda _at, _goal: None)  # type: ignore[arg-type]  # stands in for the HTTP feed

    assert done.equal
    assert sorted(row["indexdef"].partition(" USING ")[2] for row in early) == sorted(
        row["indexdef"].partition(" USING ")[2] for row in before
    )
    assert store.rows(INDEXES) == before


def test_two_rebuilds_do_not_meet(real_city: LocalCity) -> None:
    """While one rebuild has its place another one is refused and changes nothing."""
    with psycopg.connect(postgres.database_url(real_city.stack, "intake")) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (REBUILD_LOCK,))
        ran = jejak(real_city, "rebuild", "intake")

    assert ran.code == 1
    assert "Another rebuild" in ran.error


@pytest.mark.parametrize("name", ["ledger", "catalogue", "nobody"])
def test_what_keeps_no_views_cannot_be_rebuilt(real_city: LocalCity, name: str) -> None:
    """The ledger, the catalogue and an unknown name are usage errors."""
    ran = jejak(real_city, "rebuild", name)

    assert ran.code == 2
    assert "Choose one of" in ran.error


def test_a_new_calendar_redraws_every_open_application(minicity: MiniCity) -> None:
    """When a published holiday moves a due date, the rows of open applications show the new one at once, as a replay would."""
    minicity.say("intake", CODE, APPLICANT, Draft(submission_data(catalogue()[REKLAME])))
    minicity.pump()
    before = minicity.views("verification")[CODE]["tasks"]
    days = tuple(e.Holiday(date=f"2026-{month}-{day:02d}", kind="national") for month, day in [("11", 24), ("11", 25), ("12", 1)])
    calendar = e.CalendarPublished(year=2026, holidays=days, opens_minute=480, closes_minute=960)

    minicity.say("catalogue", "calendar:2026", Actor("katalog", "catalogue-owner"), Draft(calendar))
    minicity.pump()

    after = minicity.views("verification")[CODE]
    assert before
    assert [task["due"] for task in after["tasks"]] > [task["due"] for task in before]
    case = fold_all(CODE, minicity.entries(CODE), minicity.city.sops)
    assert row_digest(project(case, minicity.city)) == row_digest(after)
