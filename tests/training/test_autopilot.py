"""The autopilot: pure, repeatable, accepted at every door, and everything that goes wrong in an office goes wrong in its play."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import get_args

import pytest

from deploy.training import autopilot
from deploy.training.arrivals import Arrival, synthetic
from deploy.training.autopilot import FORGOTTEN_REVIEW_SHARE, STUCK_REVIEW_SHARE
from deploy.training.chance import between, chance, one_of, weighted
from deploy.training.moves import Move
from deploy.training.summary import outcomes_digest, summarize
from deploy.training.ticks import day_ticks, tick_at_or_after, ticks_later
from shared import events as e
from shared.calendar import WIB, Calendar
from shared.sop.model import FactValue
from shared.sop.objections import GRANTED
from tests.builders import make_city
from tests.training.papercity import Application, at, play_all

MANY = 450
SEED = 1


@cache
def arrivals(count: int = MANY) -> Sequence[Arrival]:
    """Returns arrivals of all types."""
    return synthetic(SEED, count, 0, Calendar())


@cache
def played() -> Sequence[Application]:
    """Returns many applications played to their ends; the paper city asserts that no door and no verdict refuses a move."""
    return play_all(make_city(), arrivals(), SEED)


def outcomes(applications: Sequence[Application]) -> dict[str, str]:
    """Returns each arrival's outcome."""
    return {application.arrival.key: application.case.outcome for application in applications}


def test_the_same_seed_gives_every_application_the_same_outcome() -> None:
    """Two plays of the same arrivals end alike move by move, in whatever order they are played; another seed does not."""
    some = arrivals()[:80]

    again = play_all(make_city(), tuple(reversed(some)), SEED)
    other = play_all(make_city(), some, SEED + 1)

    assert outcomes(again) == outcomes(played()[: len(some)])
    moves = {application.arrival.key: application.moves for application in played()}
    assert all(application.moves == moves[application.arrival.key] for application in again)
    assert outcomes_digest(outcomes(again)) == outcomes_digest(outcomes(played()[: len(some)]))
    assert outcomes(other) != outcomes(again)


def reopened(key: str, permit_type: str, facts: Mapping[str, FactValue], seed: int) -> Application:
    """Plays an arrival whose refusal is taken back after an objection or appeal."""
    arrival = Arrival(key, at("2026-10-27T16:00"), "web", permit_type, "62.71.03.1004", facts, "Fitri Contoh", "6271010000002289")
    found = Application(make_city(), arrival, seed).play()
    assert any(item.state in GRANTED for item in found.case.objections)
    return found


def test_every_act_is_objected_to_and_every_way_of_drafting_the_answer_is_played() -> None:
    """Refusals, closings, refused renewals and what takes a permit away; answers by who had no part, and by who had one for a reason."""
    lodged = [item for application in played() for item in application.case.objections]
    assert {item.against for item in lodged} == set(get_args(e.Contested))
    assert {bool(item.allowed) for item in lodged if item.opinion is not None} == {True, False}


def test_no_key_stands_for_two_commands() -> None:
    """What is arranged again after a granted objection has a key of its own: a door would refuse the old one, and the application stay open."""
    again = reopened("again/3", "sip-dokter-mandiri", {"jumlah-sip-lain": 2}, 7)
    assert sum(move.command == "offer-visit" for move in again.moves) > 1
    for application in (*played(), again):
        assert len({move.key for move in application.moves}) == len(application.moves), application.arrival.key


def test_after_a_granted_objection_nobody_relies_on_silence() -> None:
    """A review that silence could have ended is forgotten in a small share only once silence no longer counts, as of a renewal."""
    again = reopened("again/9", "skp-penelitian", {"topik-sensitif": True, "lama-bulan": 23}, 7)
    assert STUCK_REVIEW_SHARE < chance(7, "again/9", "telaah", "never") < FORGOTTEN_REVIEW_SHARE
    assert again.case.outcome == "issued"


def test_of_what_is_open_it_is_said_what_it_waits_for() -> None:
    """Given an application nobody reviews, when the play has ended, then its line names the step, the agency and the day."""
    application = Application(make_city(), arrivals()[0], SEED)
    assert summarize([application.known]).waiting == ()
    waiting = summarize(application.known for application in played()).waiting
    assert len(waiting) == summarize(application.known for application in played()).outcomes.get("", 0)
    assert all(" waits for " in sentence and " since 2026-" in sentence for sentence in waiting)


def test_a_decision_depends_on_no_position() -> None:
    """Where an application's entries stand in the ledger changes nothing that anybody does."""
    calendar, application = Calendar(), Application(make_city(), arrivals()[0], SEED)
    for candidate in played():
        case = replace(candidate.case, outcome="", position=candidate.case.position)
        known = replace(candidate.known, case=case)
        moved = replace(known, case=replace(case, position=case.position + 999_999, sequence=case.sequence + 7))
        arguments = (candidate.arrival.key, calendar, candidate.arrival.person)
        first = autopilot.moves(SEED, arguments[0], known, arguments[1], arguments[2])
        assert first == autopilot.moves(SEED, arguments[0], moved, arguments[1], arguments[2])
    assert autopilot.moves(SEED, "x", application.known, calendar, "somebody") == ()


@pytest.mark.parametrize(
    "what",
    [
        "deemed granted by silence",
        "rounds of correction",
        "visits missed",
        "visits failed",
        "refused",
        "withdrawn",
        "closed, nothing corrected",
        "closed, charge unpaid",
        "agency deadlines missed",
        "applicant deadlines missed",
        "drafts returned",
        "payments received",
        "refunds",
    ],
)
def test_everything_that_goes_wrong_in_an_office_occurs(what: str) -> None:
    """Every kind of trouble occurs among some hundred applications, so that every screen has something to show."""
    summary = summarize(application.known for application in played())

    assert summary.occurred[what] > 0


def test_the_totals_add_up() -> None:
    """Submitted is issued, deemed ones among them, plus refused, withdrawn, closed and open; most are issued and few stay open."""
    summary = summarize(application.known for application in played())

    others = [summary.outcomes.get(name, 0) for name in ("refused", "withdrawn", "closed", "")]
    assert summary.submitted == MANY == summary.issued + sum(others)
    assert summary.totals().startswith(f"{MANY} submitted = {summary.issued} issued + {others[0]} refused + ")
    assert summary.issued > 0.75 * MANY
    assert summary.outcomes.get("", 0) <= 0.02 * MANY


def test_nobody_signs_what_he_drafted() -> None:
    """A decision's drafter and signer are different persons in every application."""
    for application in played():
        by_command = {move.command: move.actor.person for move in application.moves}
        signers = {by_command.get(name) for name in ("issue-permit", "refuse-application", "return-decision")} - {None}
        assert by_command.get("draft-decision") not in signers


def test_each_move_has_a_key_of_its_own() -> None:
    """No two moves of all applications share an idempotency key, and the keys fit into the header."""
    keys = [move.key for application in played() for move in application.moves]

    assert len(keys) == len(set(keys)) > MANY
    assert max(map(len, keys)) <= 128


def test_people_act_when_offices_are_open() -> None:
    """Every move is planned for a tick of a working day, later than what it answers."""
    calendar = Calendar()
    planned: list[Move] = [move for application in played() for move in application.moves]

    assert all(move.at in day_ticks(calendar, move.at.astimezone(WIB).date()) for move in planned)


def test_ticks_skip_days_off() -> None:
    """After Friday afternoon comes Monday morning, and what arrives at night waits until the morning."""
    friday_afternoon = at("2026-01-09T13:30:00")

    assert ticks_later(Calendar(), friday_afternoon, 1) == at("2026-01-12T08:30:00")
    assert ticks_later(Calendar(), friday_afternoon, 3) == at("2026-01-13T08:30:00")
    assert tick_at_or_after(Calendar(), friday_afternoon) == friday_afternoon
    assert tick_at_or_after(Calendar(), friday_afternoon + timedelta(hours=9)) == at("2026-01-12T08:30:00")


def test_chance_is_even_and_its_helpers_keep_their_bounds() -> None:
    """Draws spread evenly over the unit interval, and what is made of them stays within what was asked for."""
    draws = [chance(SEED, "draw", number) for number in range(4000)]

    assert 0.47 < sum(draws) / len(draws) < 0.53
    assert 0 <= min(draws) < max(draws) < 1
    assert {between(2, 4, draw) for draw in draws} == {2, 3, 4}
    assert {one_of("abc", draw) for draw in draws} == set("abc")
    assert {weighted((("never", 0.0), ("half", 0.5), ("rest", 0.5)), draw) for draw in draws} == {"half", "rest"}
