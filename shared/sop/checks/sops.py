"""Whether a version of an SOP may be drafted, returned, published or withdrawn."""

from typing import Final

from shared import events as e
from shared.case import Case
from shared.city import City, published_sop
from shared.sop.checks.parts import RULE_ROLE, Check


def _drafted(_case: Case, event: e.AnyEvent, data: e.SopDrafted, city: City) -> str:
    if event.role == RULE_ROLE:
        return "not-by-rule"
    if data.sop in city.sops:
        return "sop-version-taken"
    if published_sop(data) is None:
        return "sop-invalid"
    return "sop-draft-pending" if data.sop in city.drafts and not city.drafts[data.sop].returned else ""


def _draft_problem(event: e.AnyEvent, sop_name: str, digest: str, city: City) -> str:
    if event.role == RULE_ROLE:
        return "not-by-rule"
    draft = city.drafts.get(sop_name)
    if draft is None or draft.returned:
        return "sop-draft-unknown"
    return "" if draft.data.digest == digest else "sop-draft-differs"


def _draft_returned(_case: Case, event: e.AnyEvent, data: e.SopDraftReturned, city: City) -> str:
    # Anybody of the office may, the drafter too: who sees a mistake takes the draft back.
    return _draft_problem(event, data.sop, data.digest, city)


def _published(_case: Case, event: e.AnyEvent, data: e.SopPublished, city: City) -> str:
    if data.sop in city.sops:
        return "sop-version-taken"
    if published_sop(data) is None:
        return "sop-invalid"
    if event.role == RULE_ROLE:
        return "" if _is_untouched(data.sop.partition("@")[0], city) else "not-by-rule"
    if problem := _draft_problem(event, data.sop, data.digest, city):
        return problem
    if city.drafts[data.sop].authid == event.authid:
        return "same-officer"
    return "sop-date-past" if data.in_force_from and data.in_force_from < city.today else ""


def _is_untouched(permit_type: str, city: City) -> bool:
    """Says whether nothing was ever said about a permit type: only then may the shipped SOP be published by rule, at the first start."""
    return not any(name.partition("@")[0] == permit_type for name in (*city.sops, *city.drafts))


def _withdrawn(_case: Case, _event: e.AnyEvent, data: e.SopWithdrawn, city: City) -> str:
    if data.sop not in city.sops:
        return "unknown-sop"
    return "sop-not-in-force" if data.sop in city.withdrawn else ""


CHECKS: Final[dict[type[e.Data], Check]] = {
    e.SopDrafted: _drafted,
    e.SopDraftReturned: _draft_returned,
    e.SopPublished: _published,
    e.SopWithdrawn: _withdrawn,
}
