"""A day's statement: read strictly, written as it is read, and compared line by line, each receipt once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.treasury import domain
from services.treasury.statement import COLUMNS, WHAT_TO_DO, Comparison, compare, read_statement, write_statement
from shared.case_model import Payment
from shared.refusals import Refusal
from tests.builders import CODE
from tests.strategies import QUICK

DAY = "2026-12-01"
HEAD = ",".join(COLUMNS)
GOOD = f"NTB/1,SKPD/{CODE.removeprefix('PKY-')},1250000,{DAY},va"
lines = st.builds(
    Payment,
    receipt=st.integers(1, 40).map(lambda number: f"NTB/{number}"),
    charge=st.sampled_from(("SKPD/1", "SKRD/22")),
    rupiah=st.integers(0, 10**9),
    paid_on=st.just(DAY),
    channel=st.sampled_from(("va", "qris")),
)
days = st.lists(lines, unique_by=lambda line: line.receipt, max_size=12).map(tuple)


@QUICK
@given(days)
def test_what_is_written_is_read_again(day: tuple[Payment, ...]) -> None:
    """Any day written as a statement is read as the same lines."""
    assert read_statement(write_statement(day), DAY) == day


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "1"),
        ("no,head\n", "1"),
        (f"{HEAD}\n{GOOD},more\n", "2"),
        (f"{HEAD}\n{GOOD}\n{GOOD}\n", "3"),
        (f"{HEAD}\n{GOOD.replace('1250000', '-5')}\n", "2"),
        (f"{HEAD}\n{GOOD.replace('1250000', '1.5')}\n", "2"),
        (f"{HEAD}\n{GOOD.replace('1250000', '9' * 5000)}\n", "2"),
        (f"{HEAD}\n{GOOD.replace(DAY, '2026-12-02')}\n", "2"),
        (f"{HEAD}\n{GOOD.replace('NTB/1', 'ntb 1')}\n", "2"),
        (f'{HEAD}\n"{GOOD}\n', "1"),
    ],
)
def test_a_wrong_line_is_named(text: str, line: str) -> None:
    """A statement with a wrong head, column, amount, day or repeated receipt is refused, naming the line."""
    with pytest.raises(Refusal) as refused:
        read_statement(text, DAY)
    assert (refused.value.code, refused.value.about) == ("statement-unreadable", line)


@QUICK
@given(days, days, st.sets(st.integers(1, 40).map(lambda number: f"NTB/{number}")))
def test_each_receipt_is_compared_once(bank: tuple[Payment, ...], here: tuple[Payment, ...], waiting: set[str]) -> None:
    """Every receipt of either side stands in the comparison once, of the kind that the sides say, with an amount or a difference."""
    found = compare(bank, here, waiting)
    theirs, ours = {line.receipt: line for line in bank}, {line.receipt: line for line in here}
    assert [line.receipt for line in found.lines] == sorted(theirs | ours)
    for line in found.lines:
        in_bank, in_ledger = theirs.get(line.receipt), ours.get(line.receipt)
        if in_bank and in_ledger:
            same = in_bank.rupiah == in_ledger.rupiah
            assert (line.kind, line.rupiah) == (
                ("matched", in_bank.rupiah) if same else ("differing", abs(in_bank.rupiah - in_ledger.rupiah))
            )
        elif in_bank:
            assert line.kind == ("suspended" if line.receipt in waiting else "missing_here")
        else:
            assert line.kind == "missing_there"
    assert found.is_clean == all(line.kind == "matched" for line in found.lines)


@QUICK
@given(days, days)
def test_the_days_event_adds_up(bank: tuple[Payment, ...], here: tuple[Payment, ...]) -> None:
    """The counts of the day's event are those of its lines, and matched with missing is what the bank has."""
    (draft,) = domain.reconcile(DAY, "0" * 64, compare(bank, here, ()))
    said = draft.data.model_dump()
    assert sum(said[kind] for kind in Comparison.KINDS) == len({line.receipt for line in (*bank, *here)})
    assert said["matched"] + said["missing_here"] + said["differing"] == len(bank)
    if not said["differing"]:
        assert said["matched_rupiah"] + said["missing_here_rupiah"] == sum(line.rupiah for line in bank)


def test_every_kind_says_what_to_do_in_both_languages() -> None:
    """Each kind of line has what it means and what to do, in Indonesian and English."""
    assert all(text.endswith(".") for texts in WHAT_TO_DO.values() for pair in texts for text in pair)


@pytest.mark.parametrize(
    ("charge", "application"),
    [
        (f"SKPD/{CODE.removeprefix('PKY-')}", CODE),
        (f"SKRD/{CODE.removeprefix('PKY-').lower()}", CODE),
        (f"SKPD/{CODE.removeprefix('PKY-')[:-1]}{'0' if CODE[-1] != '0' else '1'}", ""),
        (f"SKPD/{CODE.removeprefix('PKY-')}/2", CODE),
        (f"SKPD/{CODE.removeprefix('PKY-')}/X", ""),
        ("SKPD/1", ""),
        ("SKPD", ""),
    ],
)
def test_a_charge_names_its_application(charge: str, application: str) -> None:
    """A charge's number has its application's code, and a count from the second one on; a mistyped code names none, by its check character."""
    assert domain.application_of(charge) == application
