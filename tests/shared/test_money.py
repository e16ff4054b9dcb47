"""Money in a case: charges lowered, deposits held and ended, refunds paid, and sums that always add up."""

import pytest
from hypothesis import given

from services.treasury import domain as treasury
from shared import events as e
from shared.case_model import Case
from shared.keeping import drop_at
from shared.money import Accounts, accounts, head_commands, owed, payable, to_be_coded
from shared.refusals import Refusal
from shared.sop import rules
from tests.builders import REKLAME, History
from tests.strategies import QUICK
from tests.walks import walks

SHORT = "reklame-insidentil@2"
BASIS = "uu-1-2022"
TAX = 100_000
DEPOSIT = 150_000


def assessed(sop: str = SHORT) -> History:
    """Returns an application whose tax and deposit are assessed and not paid."""
    return History(sop).begin({"luas-m2": "10", "lama-hari": 14, "jumlah-titik": 3} if sop == SHORT else None).until("bayar")


def paid(receipt: str, rupiah: int, charge: str) -> e.PaymentConfirmed:
    """Returns a payment."""
    return e.PaymentConfirmed(charge=charge, receipt=receipt, amount_rupiah=rupiah, paid_on="2026-12-01", channel="va")


def issued() -> History:
    """Returns a permit whose tax and deposit were paid."""
    return assessed().must(paid("NTB/1", TAX, "SKPD/1"), paid("NTB/2", DEPOSIT, "JAM/2")).finish()


def over(history: History) -> History:
    """Lets the permit expire."""
    assert history.case.permit is not None
    return history.must(e.PermitExpired(valid_until=history.case.permit.valid_until or "2027-01-01"))


def head(history: History, data: e.Data, agency: str = "bpprd") -> str:
    """Says something as the head of an agency."""
    return history.say(data, role="head", agency=agency, authid="H" * 43)


@QUICK
@given(walks())
def test_every_rupiah_is_accounted_for(history: History) -> None:
    """Whoever pays what and when, what arrived is kept, held, paid back or owed back."""
    received = {
        entry.current.data.receipt: entry.current.data
        for entry in reversed(history.entries)
        if isinstance(entry.current.data, e.PaymentConfirmed)
    }
    found = accounts(history.case)
    assert found.received == sum(payment.amount_rupiah for payment in received.values())
    assert found.unaccounted == 0
    assert min(found.kept, found.held, found.refunded, found.owed) >= 0


def test_sums_are_added_part_by_part() -> None:
    """Two accounts together have the sums of both."""
    assert Accounts(10, 4, 3, 2, 1) + Accounts(1, 1, 0, 0, 0) == Accounts(11, 5, 3, 2, 1)
    assert (Accounts(10, 4, 3, 2, 1).unaccounted, Accounts(11, 4, 3, 2, 1).unaccounted) == (0, 1)


def test_a_deposit_is_paid_like_a_charge_and_held() -> None:
    """Given tax and deposit, when both are paid, then the permit follows, the tax is the city's and the deposit is held."""
    history = assessed().must(paid("NTB/1", TAX, "SKPD/1"))
    assert "bayar" in history.case.ready
    history = history.must(paid("NTB/2", DEPOSIT, "JAM/2")).finish()
    assert history.case.outcome == "issued"
    assert accounts(history.case) == Accounts(TAX + DEPOSIT, kept=TAX, held=DEPOSIT)


def test_a_deposit_waits_for_the_end_of_its_permit() -> None:
    """Given a permit in force, then nobody ends its deposit; once it is over only the head of the assessing agency does, once."""
    history = issued()
    released = e.DepositReleased(charge="JAM/2", reason="sudah-dibongkar")
    assert head(history, released) == "permit-lives"
    over(history)
    assert head(history, released, "dpmptsp") == "wrong-agency"
    assert head(history, e.DepositReleased(charge="SKPD/1", reason="sudah-dibongkar")) == "no-deposit-held"
    assert head_commands(history.case, "bpprd") == (("release-deposit", "jaminan"), ("forfeit-deposit", "jaminan"))
    assert [action.command for action in rules.next_actions(history.case, "head", "bpprd", "x")] == ["release-deposit", "forfeit-deposit"]
    assert head(history, released) == ""
    assert head(history, released) == "no-deposit-held"
    assert accounts(history.case) == Accounts(TAX + DEPOSIT, kept=TAX, owed=DEPOSIT)
    history.must(e.RefundPaid(number="SP2D/1", amount_rupiah=DEPOSIT, receipt="JAM/2"))
    assert accounts(history.case) == Accounts(TAX + DEPOSIT, kept=TAX, refunded=DEPOSIT)


def test_a_forfeited_deposit_is_the_citys_on_a_legal_basis() -> None:
    """Given an expired permit whose holder left everything standing, then the deposit is kept on a basis of the SOP, and nothing is owed."""
    history = over(issued())
    assert head(history, e.DepositForfeited(charge="JAM/2", reason="tidak-dibongkar", legal_basis="tidak-ada")) == "legal-basis-unknown"
    assert head(history, e.DepositForfeited(charge="JAM/2", reason="tidak-dibongkar", legal_basis=BASIS)) == ""
    assert accounts(history.case) == Accounts(TAX + DEPOSIT, kept=TAX + DEPOSIT)


def test_without_a_permit_the_deposit_goes_back_with_the_rest() -> None:
    """Given a paid deposit, when the application is withdrawn, then all is owed back and no deposit is held."""
    history = assessed().must(paid("NTB/2", DEPOSIT, "JAM/2"), e.ApplicationWithdrawn(reason="batal"))
    assert accounts(history.case) == Accounts(DEPOSIT, owed=DEPOSIT)
    assert head_commands(history.case, "bpprd") == ()


@pytest.mark.parametrize(("wrong", "right"), [("skpd", e.DepositRequired), ("jaminan", e.ChargeAssessed)])
def test_a_step_says_its_own_kind_of_charge(wrong: str, right: type[e.Data]) -> None:
    """A deposit is not required by the step of the tax, nor a tax assessed by the step of the deposit."""
    history = History(SHORT).begin({"luas-m2": "10", "lama-hari": 14, "jumlah-titik": 3}).until(wrong)
    fields = {"step": wrong, "number": "X/1", "amount_rupiah": DEPOSIT, **({"basis": "tax"} if right is e.ChargeAssessed else {})}
    assert history.say(right(**fields)) == "wrong-step"


@pytest.mark.parametrize(("paid_first", "left", "back"), [(0, 40_000, 0), (30_000, 10_000, 0), (70_000, 0, 30_000)])
def test_a_lowered_charge_leaves_less_or_gives_back(paid_first: int, left: int, back: int) -> None:
    """Given a charge of 100,000 lowered to 40,000, then less is open, and what had been paid above it is owed back."""
    history = assessed(REKLAME)
    if paid_first:
        history.must(paid("NTB/1", paid_first, "SKPD/1"))
    assert head(history, e.ChargeReduced(charge="SKPD/1", amount_rupiah=40_000, reason="tidak-mampu", legal_basis=BASIS)) == ""
    charge, found = history.case.charges[0], accounts(history.case)
    assert (charge.open_rupiah, charge.reduced_from, found.owed, found.unaccounted) == (left, TAX, back, 0)
    assert ("bayar" in history.case.ready) == bool(left)


def test_an_exempt_payer_pays_nothing_and_goes_on() -> None:
    """Given a charge lowered to nothing, then no code is needed, the payment step is over, and the decision is next."""
    history = assessed(REKLAME)
    assert [charge.number for charge in to_be_coded(history.case)] == ["SKPD/1"]
    assert head(history, e.ChargeReduced(charge="SKPD/1", amount_rupiah=0, reason="kegiatan-sosial", legal_basis=BASIS)) == ""
    assert to_be_coded(history.case) == ()
    assert tuple(history.case.ready) == ("tetap",)


@pytest.mark.parametrize(
    ("changes", "agency", "code"),
    [
        ({"amount_rupiah": TAX}, "bpprd", "not-a-reduction"),
        ({"charge": "SKPD/9"}, "bpprd", "charge-unknown"),
        ({}, "pupr", "wrong-agency"),
        ({"legal_basis": "tidak-ada"}, "bpprd", "legal-basis-unknown"),
    ],
)
def test_a_charge_is_lowered_by_its_own_head_on_a_basis(changes: dict[str, object], agency: str, code: str) -> None:
    """Nobody raises a charge by lowering it, lowers one that is not there or not theirs, or does so without a basis of the SOP."""
    history = assessed(REKLAME)
    fields = {"charge": "SKPD/1", "amount_rupiah": 1, "reason": "tidak-mampu", "legal_basis": BASIS, **changes}
    assert head(history, e.ChargeReduced.model_validate(fields), agency) == code


def test_more_than_is_owed_is_never_taken_for_a_refund() -> None:
    """Given a refund owed, when a transfer says more than it, then the debt stands and the case lists the oddity."""
    history = assessed(REKLAME).must(paid("NTB/1", TAX + 5, "SKPD/1"))
    history.must(e.RefundPaid(number="SP2D/1", amount_rupiah=6, receipt="NTB/1"))
    assert ([item.open_rupiah for item in owed(history.case)], len(history.case.anomalies)) == ([5], 1)
    history.must(e.RefundPaid(number="SP2D/2", amount_rupiah=5, receipt="NTB/1"))
    assert owed(history.case) == ()


def test_the_treasury_keeps_what_is_not_settled() -> None:
    """Given an ended application, then the treasury keeps it while a refund is owed or a deposit is held, and others do not."""

    def kept(case: Case) -> tuple[bool, bool]:
        return drop_at(case, "money") is None, drop_at(case, "open") is None

    held = over(issued())
    assert kept(held.case) == (True, False)
    head(held, e.DepositReleased(charge="JAM/2", reason="sudah-dibongkar"))
    assert kept(held.case) == (True, False)
    held.must(e.RefundPaid(number="SP2D/1", amount_rupiah=DEPOSIT, receipt="JAM/2"))
    assert kept(held.case) == (False, False)


def test_the_refund_of_a_refusal_waits_until_the_refusal_is_settled() -> None:
    """Given a paid application that is refused, then its refund is owed but not payable, because a granted objection takes both back."""
    history = assessed(REKLAME).must(paid("NTB/1", TAX + 5, "SKPD/1"))
    history.must(e.DecisionDrafted(step="tetap", outcome="refuse", reasons=("tata-ruang",)))
    history.must(e.ApplicationRefused(step="tetap", reasons=("tata-ruang",)))
    assert [(item.receipt, item.rupiah) for item in owed(history.case)] == [("NTB/1", 5), ("", TAX)]
    assert [item.receipt for item in payable(history.case)] == ["NTB/1"]
    with pytest.raises(Refusal, match="refusal-not-settled"):
        treasury.pay_refund(history.case, "", "SP2D/1")
    history.must(e.RefusalSettled(round=1, unused="objection"))
    assert payable(history.case) == owed(history.case)
    assert treasury.pay_refund(history.case, "", "SP2D/1")
