"""What is handed in, compared with what is asked for: of a submission, a renewal and a transfer alike; pure."""

from collections.abc import Collection, Sequence

Problem = tuple[str, str]  # a refusal code, and the fact, requirement or field that it is about
NONE: Problem = ("", "")


def handing_problems(handed: Sequence[str], asked: Sequence[str], also: Collection[str] = ()) -> list[Problem]:
    """Returns each requirement that is unknown or handed in twice, then each that is missing, with its code; `also` may be there or not."""
    unknown = [code for index, code in enumerate(handed) if (code not in asked and code not in also) or code in handed[:index]]
    missing = [code for code in asked if code not in handed]
    return [*(("requirement-unknown", code) for code in unknown), *(("requirement-missing", code) for code in missing)]


def first(problems: Sequence[Problem]) -> Problem:
    """Returns the first problem, empty strings when there is none."""
    return problems[0] if problems else NONE
