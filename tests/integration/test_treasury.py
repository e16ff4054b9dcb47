"""The treasury against a real database: however the gateway's notices come, each payment is said once and no rupiah gets lost."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
import pytest

from services.treasury import doors, notices
from services.treasury.asking import Asker
from services.treasury.gateway import Asked, Code, GatewayDown
from services.treasury.statement import write_statement
from shared import events as e
from shared.case_model import Payment
from shared.draft import Draft
from shared.kit.doors import Outcomes, Running, add_doors
from shared.kit.http import Health, Site, make_app
from shared.kit.telemetry import Metrics
from shared.kit.tokens import Actor
from shared.money import accounts
from shared.signing import TIME_HEADER, sign
from shared.sop.model import FactValue
from tests.builders import CODE, catalogue, submission
from tests.integration.minicity import APPLICANT, CITY_KEY, MiniCity
from tests.integration.test_doors import TOKENS_KEY, bearer

SHORT = "reklame-insidentil@1"
CHARGE = f"SKPD/{CODE.removeprefix('PKY-')}"
AMOUNT = 500_000
KEY = b"g" * 32
DAY = "2026-11-23"
CASHIER = Actor("bendahara", "treasurer", "bpkad")


@dataclass
class FakeGateway:
    """A gateway that gives codes, or is down."""

    down: bool = False
    asked: list[Asked] = field(default_factory=list)
    lines: tuple[Payment, ...] = ()

    async def ask_code(self, asked: Asked) -> Code:
        """Gives a code."""
        if self.down:
            raise GatewayDown("ConnectError")
        self.asked.append(asked)
        return Code(code="9887000012345678", qr="QR/1")

    async def statement(self, day: str) -> str:
        """Gives the lines of a day."""
        return write_statement(line for line in self.lines if line.paid_on == day)


@dataclass
class Desk:
    """The treasury's doors, its worker and its gateway."""

    city: MiniCity
    doors: httpx.AsyncClient
    asker: Asker
    gateway: FakeGateway

    async def notify(self, *, key: bytes = KEY, seconds: int | None = None, raw: bytes = b"", **changes: object) -> httpx.Response:
        """Sends a signed notice."""
        told = {"id": "ntb-0001-1", "charge": CHARGE, "receipt": "NTB/1", "amount_rupiah": AMOUNT, "paid_on": DAY, "channel": "va"}
        body = raw or orjson.dumps({**told, **changes})
        return await self.doors.post("/v1/gateway/notices", content=body, headers=sign(key, seconds or int(time.time()), body))

    async def ask(self, method: str, path: str, body: object = None, *, key: str = "k", actor: Actor = CASHIER) -> httpx.Response:
        """Knocks as a treasurer."""
        return await self.doors.request(method, path, json=body, headers={**bearer(actor), "idempotency-key": key})

    def payments(self) -> list[tuple[str, int]]:
        """Returns what the ledger has of payments, each with its receipt."""
        self.city.pump()
        found = [entry.current.data for entry in self.city.entries(CODE) if not entry.stamp.refused]
        return [(data.receipt, data.amount_rupiah) for data in found if isinstance(data, e.PaymentConfirmed)]


@asynccontextmanager
async def treasury(city: MiniCity) -> AsyncIterator[Desk]:
    """Opens the treasury's doors."""
    stage = city.stages["treasury"]
    running, gateway = Running(stage, Outcomes(stage), city.inboxes["treasury"].recall), FakeGateway()
    site = Site("treasury", Metrics(), Health(ready=True), TOKENS_KEY, CITY_KEY)
    app = make_app(site, "treasury")
    add_doors(app, site, running, doors.DOORS)
    doors.add_gateway_doors(app, site, running, gateway, KEY)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        yield Desk(city, client, Asker(site, running, gateway), gateway)


def submitted(city: MiniCity) -> None:
    """Submits an application that a rule decides once its tax is paid."""
    declared: dict[str, FactValue] = {"luas-m2": "10", "lama-hari": 14, "jumlah-titik": 1}
    city.say("intake", CODE, APPLICANT, Draft(submission(catalogue()[SHORT], declared)))
    city.pump()


def charged(city: MiniCity) -> None:
    """Submits an application and has its tax assessed."""
    submitted(city)
    assess(city)


def assess(city: MiniCity) -> None:
    """Has the tax assessed."""
    data = e.ChargeAssessed(step="skpd", number=CHARGE, basis="tax", amount_rupiah=AMOUNT)
    city.say("issuance", CODE, Actor("pajak", "officer", "bpprd"), Draft(data))
    city.pump()


async def test_a_charge_gets_its_code_and_a_notice_pays_it(minicity: MiniCity) -> None:
    """Given a charge, when the worker has asked and a notice comes, then the page's case has the code, and the permit is issued."""
    async with treasury(minicity) as desk:
        charged(minicity)
        await desk.asker.step()
        minicity.pump()
        await desk.asker.step()
        (charge,) = minicity.stages["tracker"].case(CODE).charges
        assert (charge.code, charge.qr, desk.gateway.asked) == ("9887000012345678", "QR/1", [Asked(CHARGE, AMOUNT)])
        answer = await desk.notify()
        assert (answer.status_code, answer.json()["state"]) == (200, "confirmed")
        assert desk.payments() == [("NTB/1", AMOUNT)]
    case = minicity.stages["tracker"].case(CODE)
    assert (case.outcome, case.payments[0].paid_on, case.payments[0].channel) == ("issued", DAY, "va")


async def test_a_gateway_that_is_down_is_asked_again(minicity: MiniCity) -> None:
    """Given a gateway that does not answer, when it is back, then the next look gets the code, and only once."""
    async with treasury(minicity) as desk:
        charged(minicity)
        desk.gateway.down = True
        with pytest.raises(GatewayDown):
            await desk.asker.step()
        desk.gateway.down = False
        for _ in range(3):
            await desk.asker.step()
            minicity.pump()
    assert len(desk.gateway.asked) == 1
    assert minicity.names(CODE).count("payment-code.issued") == 1


async def test_the_same_notice_again_is_answered_as_before(minicity: MiniCity) -> None:
    """Given a notice that comes three times, and another one of the same receipt, then one payment is entered and each is answered alike."""
    async with treasury(minicity) as desk:
        charged(minicity)
        first = (await desk.notify()).json()
        again = [(await desk.notify()).json() for _ in range(2)]
        assert [item | {"times": 1} for item in again] == [first, first]
        assert again[-1]["times"] == 3
        assert (await desk.notify(id="ntb-0001-2")).json()["state"] == "repeated"
        assert desk.payments() == [("NTB/1", AMOUNT)]
        assert (await desk.notify(id="ntb-0001-3")).json()["state"] == "repeated"
        assert desk.payments() == [("NTB/1", AMOUNT)]
        assert (await desk.ask("GET", "/v1/suspense")).json() == {"suspense": []}


@pytest.mark.parametrize(
    ("amounts", "open_rupiah", "owed"),
    [((200_000, 300_000), 0, 0), ((200_000,), 300_000, 0), ((550_000,), 0, 50_000), ((200_000, 400_000), 0, 100_000)],
)
async def test_wrong_amounts_leave_a_rest_or_a_refund(minicity: MiniCity, amounts: tuple[int, ...], open_rupiah: int, owed: int) -> None:
    """Given less, more or two payments, then the rest stays open and what is too much is owed back."""
    async with treasury(minicity) as desk:
        charged(minicity)
        for number, amount in enumerate(amounts):
            assert (await desk.notify(id=f"ntb-000{number}-1", receipt=f"NTB/{number}", amount_rupiah=amount)).json()[
                "state"
            ] == "confirmed"
        desk.payments()
    case = minicity.stages["tracker"].case(CODE)
    assert (case.charges[0].open_rupiah, accounts(case).owed, accounts(case).unaccounted) == (open_rupiah, owed, 0)


async def test_money_after_the_end_is_owed_back_and_paid_back_once(minicity: MiniCity) -> None:
    """Given a withdrawn application, when its money arrives, then it is owed; one refund ends that, and a second is refused."""
    async with treasury(minicity) as desk:
        charged(minicity)
        minicity.say("intake", CODE, APPLICANT, Draft(e.ApplicationWithdrawn(reason="keinginan-pemohon")))
        minicity.pump()
        await desk.notify()
        desk.payments()
        tasks = (await desk.ask("GET", "/v1/tasks", actor=Actor("kas", "treasurer", "bpprd"))).json()["tasks"]
        assert [(task["application"], task["tasks"][0]["amount_rupiah"]) for task in tasks] == [(CODE, AMOUNT)]
        path, body = f"/v1/applications/{CODE}/pay-refund", {"number": "SP2D/1", "receipt": "NTB/1"}
        assert (await desk.ask("POST", path, body, key="1")).status_code == 202
        minicity.pump()
        assert (await desk.ask("POST", path, body, key="2")).json()["code"] == "no-refund-owed"
    case = minicity.stages["tracker"].case(CODE)
    assert (accounts(case).owed, accounts(case).refunded, accounts(case).unaccounted) == (0, AMOUNT, 0)


async def test_money_before_its_charge_waits_and_is_then_recorded(minicity: MiniCity) -> None:
    """Given a notice of a charge that nobody has assessed yet, when it is assessed, then the worker records the payment by itself."""
    async with treasury(minicity) as desk:
        submitted(minicity)
        early = (await desk.notify()).json()
        assert (early["state"], early["reason"]) == ("suspended", "charge-unknown")
        await desk.asker.step()
        assert desk.payments() == []
        assess(minicity)
        await desk.asker.step()
        assert desk.payments() == [("NTB/1", AMOUNT)]
        assert (await desk.ask("GET", "/v1/suspense")).json() == {"suspense": []}


async def test_money_under_an_unknown_number_is_assigned_or_returned(minicity: MiniCity) -> None:
    """Given two payments that name nothing known, then each waits with what to do, one is assigned, one returned, and neither twice."""
    async with treasury(minicity) as desk:
        charged(minicity)
        for number in (1, 2):
            told = (await desk.notify(id=f"ntb-000{number}-1", receipt=f"NTB/{number}", charge="SKPD/SALAH")).json()
            assert (told["state"], told["reason"]) == ("suspended", "charge-unknown")
        waiting = (await desk.ask("GET", "/v1/suspense")).json()["suspense"]
        assert [(item["id"], item["amount_rupiah"]) for item in waiting] == [("ntb-0001-1", AMOUNT), ("ntb-0002-1", AMOUNT)]
        assert "assign it" in waiting[0]["to_do"]["en"]
        meant = {"application": CODE, "charge": CHARGE}
        wrong = await desk.ask("POST", "/v1/suspense/ntb-0001-1/assign", meant, actor=Actor("lain", "treasurer", "bpprd"))
        assert wrong.json()["code"] == "wrong-agency"
        unknown = await desk.ask("POST", "/v1/suspense/ntb-0001-1/assign", {**meant, "charge": "SKPD/9"})
        assert unknown.json()["code"] == "charge-unknown"
        assert (await desk.ask("POST", "/v1/suspense/ntb-0001-1/assign", meant)).json()["state"] == "assigned"
        assert (await desk.ask("POST", "/v1/suspense/ntb-0001-1/assign", meant)).json()["code"] == "notice-settled"
        assert (await desk.ask("POST", "/v1/suspense/ntb-0002-1/return", {"transfer": "SP2D/7"})).json()["state"] == "returned"
        assert (await desk.ask("POST", "/v1/suspense/ntb-0002-1/set-aside")).json()["code"] == "notice-settled"
        assert (await desk.ask("GET", "/v1/suspense")).json() == {"suspense": []}
        assert desk.payments() == [("NTB/1", AMOUNT)]


async def test_a_receipt_with_another_amount_waits(minicity: MiniCity) -> None:
    """Given a receipt that comes again with another amount, or a notice's number with another content, then both wait for a treasurer."""
    async with treasury(minicity) as desk:
        charged(minicity)
        await desk.notify()
        other = (await desk.notify(id="ntb-0001-2", amount_rupiah=AMOUNT + 1)).json()
        assert (other["state"], other["reason"]) == ("suspended", "receipt-differs")
        changed = (await desk.notify(amount_rupiah=AMOUNT + 2)).json()
        assert (changed["state"], changed["reason"]) == ("suspended", "notice-differs")
        assert desk.payments() == [("NTB/1", AMOUNT)]
        # A treasurer who had typed the same receipt by hand has recorded the same money.
        assert (await desk.ask("POST", f"/v1/suspense/{changed['id']}/set-aside")).json()["state"] == "set-aside"


async def test_what_was_typed_by_hand_is_not_recorded_again(minicity: MiniCity) -> None:
    """Given a payment that a treasurer has confirmed, when the gateway tells of the same receipt, then it is a repeat."""
    async with treasury(minicity) as desk:
        charged(minicity)
        body = {"charge": CHARGE, "receipt": "NTB/1", "amount_rupiah": AMOUNT}
        confirmed = await desk.ask("POST", f"/v1/applications/{CODE}/confirm-payment", body, actor=Actor("kas", "treasurer", "bpprd"))
        assert confirmed.status_code == 202
        minicity.pump()
        assert (await desk.notify()).json()["state"] == "repeated"
        assert desk.payments() == [("NTB/1", AMOUNT)]


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"id":"ntb-0001-1"}', b"\xff\xfe", b'{"id":"ntb-0001-1","nama":"Siti"}'])
async def test_what_cannot_be_read_is_kept_until_it_is_set_aside(minicity: MiniCity, raw: bytes) -> None:
    """Given a signed notice that cannot be read, then it is taken, waits, and its content is gone once somebody has set it aside."""
    async with treasury(minicity) as desk:
        told = (await desk.notify(raw=raw)).json()
        assert (told["state"], told["reason"]) == ("suspended", "unreadable")
        rows = minicity.stores["treasury"].rows("SELECT raw FROM notices")
        assert [bytes(row["raw"]) for row in rows] == [raw]
        assert (await desk.ask("POST", f"/v1/suspense/{told['id']}/set-aside")).json()["state"] == "set-aside"
        assert minicity.stores["treasury"].rows("SELECT raw FROM notices")[0]["raw"] == b""


async def test_who_cannot_sign_leaves_nothing(minicity: MiniCity) -> None:
    """Given a wrong key, no signature or an old time, then the notice is refused and nothing is kept."""
    async with treasury(minicity) as desk:
        charged(minicity)
        assert (await desk.notify(key=b"x" * 32)).json()["code"] == "signature-wrong"
        assert (await desk.notify(seconds=int(time.time()) - 400)).json()["code"] == "notice-too-old"
        bare = await desk.doors.post("/v1/gateway/notices", content=b"{}", headers={TIME_HEADER: str(int(time.time()))})
        assert bare.json()["code"] == "signature-wrong"
        assert minicity.stores["treasury"].rows("SELECT id FROM notices") == []
        assert desk.payments() == []


async def test_a_crash_between_keeping_and_saying_loses_nothing(minicity: MiniCity, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a process that ends after a notice was kept, before or after its payment was said, then the worker says it once."""

    async def die(*_: Any) -> None:  # noqa: ANN401 - whatever it is called with
        raise RuntimeError

    async with treasury(minicity) as desk:
        charged(minicity)
        with monkeypatch.context() as dying:
            dying.setattr(notices, "settle", die)
            assert (await desk.notify()).status_code == 500
        await desk.asker.step()
        with minicity.stores["treasury"].transaction() as cursor:
            cursor.execute("UPDATE notices SET state = 'received', event_id = ''")
        await desk.asker.step()
        assert desk.payments() == [("NTB/1", AMOUNT)]
        assert (await desk.notify()).json()["state"] == "confirmed"


async def test_a_lost_notice_is_found_by_the_days_comparison(minicity: MiniCity) -> None:
    """Given a payment of which only the bank knows, when its day is compared twice, then it is recorded once and the second one is clean."""
    async with treasury(minicity) as desk:
        charged(minicity)
        desk.gateway.lines = (Payment(CHARGE, "NTB/1", AMOUNT, DAY, "va"),)
        early = await desk.ask("POST", "/v1/reconciliations", {"day": DAY})
        assert early.json()["code"] == "day-not-over"
        minicity.clock.wait(days=1)
        first = (await desk.ask("POST", "/v1/reconciliations", {"day": DAY}, key="1")).json()
        assert (first["clean"], first["sums"]["missing_here"]) == (False, {"count": 1, "rupiah": AMOUNT})
        assert "recorded from this statement" in first["lines"][0]["to_do"]["en"]
        assert desk.payments() == [("NTB/1", AMOUNT)]
        second = (await desk.ask("POST", "/v1/reconciliations", {"day": DAY}, key="2")).json()
        assert (second["clean"], second["lines"], second["sums"]["matched"]["count"]) == (True, [], 1)
        minicity.pump()
        (day,) = (await desk.ask("GET", "/v1/reconciliations")).json()["days"]
        assert (day["day"], day["matched"], day["matched_rupiah"], day["missing_here"]) == (DAY, 1, AMOUNT, 0)
        assert (await desk.ask("POST", "/v1/reconciliations", {"day": DAY}, key="2")).json()["repeated"]


@pytest.mark.parametrize("found_first", [False, True])
async def test_a_statement_tells_no_second_time_of_money_that_was_assigned(minicity: MiniCity, *, found_first: bool) -> None:
    """Given a payment under a number that nobody knows, when the statement's line of it comes before or after its assignment, then it is repeated."""
    wrong = f"{CHARGE}/0"
    line = notices.of_line(Payment(wrong, "NTB/1", AMOUNT, DAY, "va"))
    async with treasury(minicity) as desk:
        charged(minicity)
        waiting = (await desk.notify(charge=wrong)).json()
        assert (waiting["state"], waiting["reason"]) == ("suspended", "charge-unknown")
        if found_first:
            assert (await desk.notify(raw=line)).json()["state"] == "suspended"
        assigned = await desk.ask("POST", f"/v1/suspense/{waiting['id']}/assign", {"application": CODE, "charge": CHARGE})
        assert assigned.json()["state"] == "assigned"
        if found_first:
            await desk.asker.step()
        else:
            assert (await desk.notify(raw=line)).json()["state"] == "repeated"
        assert (await desk.ask("GET", "/v1/suspense")).json()["suspense"] == []
        assert desk.payments() == [("NTB/1", AMOUNT)]


async def test_the_same_receipt_with_another_amount_still_waits(minicity: MiniCity) -> None:
    """Given a payment that was assigned, when a notice of its receipt names another amount and no known charge, then it waits for a treasurer."""
    wrong = f"{CHARGE}/0"
    async with treasury(minicity) as desk:
        charged(minicity)
        waiting = (await desk.notify(charge=wrong)).json()
        await desk.ask("POST", f"/v1/suspense/{waiting['id']}/assign", {"application": CODE, "charge": CHARGE})
        other = (await desk.notify(id="ntb-0002-1", charge=wrong, amount_rupiah=AMOUNT + 1)).json()
        await desk.asker.step()
        assert [item["id"] for item in (await desk.ask("GET", "/v1/suspense")).json()["suspense"]] == [other["id"]]


async def test_a_comparison_shows_what_only_the_city_has_and_what_differs(minicity: MiniCity) -> None:
    """Given a payment that the bank does not know, and one with another amount there, then both are told with what to do."""
    async with treasury(minicity) as desk:
        charged(minicity)
        await desk.notify(amount_rupiah=100_000)
        await desk.notify(id="ntb-0002-1", receipt="NTB/2", amount_rupiah=100_000)
        await desk.notify(id="ntb-0003-1", receipt="NTB/3", amount_rupiah=5, charge="SKPD/SALAH")
        desk.payments()
        minicity.clock.wait(days=1)
        bank = (Payment(CHARGE, "NTB/2", 90_000, DAY, "va"), Payment("SKPD/SALAH", "NTB/3", 5, DAY, "va"))
        found = (await desk.ask("POST", "/v1/reconciliations", {"day": DAY, "statement": write_statement(bank)})).json()
        kinds = {line["receipt"]: (line["kind"], line["rupiah"]) for line in found["lines"]}
        assert kinds == {"NTB/1": ("missing_there", 100_000), "NTB/2": ("differing", 10_000), "NTB/3": ("suspended", 5)}
