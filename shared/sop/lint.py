"""The lint of SOPs: everything that can be said about an SOP, or a catalogue of them, before anybody has to follow it; pure.

What it says is in `findings`. How the days of a finding are computed stands at the top of the module that says it: `lint_flow` for the
way through an SOP, `lint_overlaps` for what several have in common; every other finding costs no days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from shared.sop.caps import Cap, cap_findings
from shared.sop.findings import SEVERITIES, Finding, Words, found
from shared.sop.legal import Register
from shared.sop.lint_conditions import condition_findings
from shared.sop.lint_content import legal_findings, people_findings, requirement_findings
from shared.sop.lint_flow import flow_findings
from shared.sop.lint_form import read_parts
from shared.sop.lint_overlaps import Chain, overlap_findings
from shared.sop.lint_references import reference_findings
from shared.sop.model import Sop, SopParts


@dataclass(frozen=True, slots=True)
class Registers:
    """What the lint knows beside the SOPs: regulations, chains of permit types, the day as of which it judges, and national limits."""

    regulations: Register
    chains: Sequence[Chain]
    on: date
    caps: Sequence[Cap] = ()


def lint_tree(tree: object, known: Registers) -> tuple[SopParts | None, tuple[Finding, ...]]:
    """Returns the SOP's parts, None where they cannot be read, and all findings on it, the gravest first.

    The tree is what a file holds and need not be an SOP. Whatever may not be published has at least one error here.
    """
    sop, findings = read_parts(tree)
    if sop is None:
        return None, in_order(findings)
    findings += lint_sop(sop, known)
    if all(finding.severity != "error" for finding in findings):
        findings += _refused_by_the_model(sop)
    return sop, in_order(findings)


def lint_sop(sop: SopParts, known: Registers) -> tuple[Finding, ...]:
    """Returns all findings on one SOP whose parts are valid by themselves."""
    return in_order(_all(sop, known))


def lint_catalogue(sops: Sequence[SopParts], known: Registers) -> tuple[Finding, ...]:
    """Returns what the SOPs have in common."""
    return in_order(overlap_findings(sops, known.chains))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns findings without repetition, the gravest first, each kind in the order of the SOP."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: SEVERITIES.index(finding.severity)))


def _all(sop: SopParts, known: Registers) -> Iterator[Finding]:
    yield from reference_findings(sop)
    yield from flow_findings(sop)
    yield from condition_findings(sop)
    yield from people_findings(sop)
    yield from requirement_findings(sop)
    yield from legal_findings(sop, known.regulations, known.on)
    yield from cap_findings(sop, known.caps, known.regulations)


def _refused_by_the_model(sop: SopParts) -> Iterator[Finding]:
    try:
        Sop.model_validate(sop.model_dump(exclude_defaults=True))
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]["msg"]
        yield found("malformed", sop.name, "", reason=Words(said, said))
