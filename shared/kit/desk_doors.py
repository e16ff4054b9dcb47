"""The doors that every stage with officers has beside its own: a declared conflict, a contested breach, a ruling on it."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from shared import desk
from shared.case import Case
from shared.draft import Context, Draft
from shared.fields import Digest, Ordinal, Slug
from shared.kit.doors import Door
from shared.kit.http import Body

EVERYBODY: Final = ("officer", "team-leader", "head", "treasurer")


class DeclareConflict(Body):
    """Why the officer who says it may not work on this application, by a code of the list."""

    reason: Slug


class ContestBreach(Body):
    """A missed deadline of the own agency, why it is no breach, and digests of the documents that show it."""

    step: Slug
    round: Ordinal
    reason: Slug
    evidence: Annotated[tuple[Digest, ...], Field(min_length=1, max_length=10)]


class RuleOnBreach(Body):
    """The inspectorate's finding about a contested breach of an agency."""

    step: Slug
    round: Ordinal
    agency: Slug
    ruling: Literal["upheld", "dismissed"]
    reason: Slug


def _conflict(_case: Case, body: DeclareConflict, _context: Context) -> Sequence[Draft]:
    return desk.declare_conflict(body.reason)


def _contest(_case: Case, body: ContestBreach, context: Context) -> Sequence[Draft]:
    return desk.contest_breach(body.step, body.round, body.reason, body.evidence, context.commit)


def _rule(_case: Case, body: RuleOnBreach, _context: Context) -> Sequence[Draft]:
    return desk.rule_on_breach(body.step, body.round, body.agency, body.ruling, body.reason)


DESK_DOORS: Final = (
    Door("declare-conflict", DeclareConflict, EVERYBODY, _conflict, of_a_step=False),
    Door("contest-breach", ContestBreach, ("head",), _contest, of_a_step=False),
    Door("rule-on-breach", RuleOnBreach, ("inspector",), _rule, of_a_step=False),
)
