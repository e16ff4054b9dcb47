"""What is handed in, compared with what is asked for: of a submission, a renewal and a transfer alike; pure."""

from collections.abc import Collection, Iterable, Sequence

from shared.sop.model import Requirement, Sop

Problem = tuple[str, str]  # a refusal code, and the fact, requirement or field that it is about
NONE: Problem = ("", "")


def handing_problems(handed: Sequence[str], asked: Sequence[str], also: Collection[str] = ()) -> list[Problem]:
    """Returns each requirement that is unknown or handed in twice, then each that is missing, with its code; `also` may be there or not."""
    unknown = [code for index, code in enumerate(handed) if (code not in asked and code not in also) or code in handed[:index]]
    missing = [code for code in asked if code not in handed]
    return [*(("requirement-unknown", code) for code in unknown), *(("requirement-missing", code) for code in missing)]


def handed_in(items: Iterable[Requirement]) -> list[Requirement]:
    """Returns those of the requirements that an applicant hands in."""
    return [item for item in items if item.source == "upload"]


def looked_up(items: Iterable[Requirement]) -> list[Requirement]:
    """Returns those of the requirements that the city looks up itself, so that nobody is asked for them."""
    return [item for item in items if item.source == "lookup"]


def looked_up_problems(sop: Sop, handed: Iterable[str]) -> list[Problem]:
    """Returns each document that was handed in although the city looks it up, once."""
    own = {item.code for item in looked_up(sop.requirements)}
    return [("requirement-looked-up", code) for code in dict.fromkeys(handed) if code in own]


def first(problems: Sequence[Problem]) -> Problem:
    """Returns the first problem, empty strings when there is none."""
    return problems[0] if problems else NONE
