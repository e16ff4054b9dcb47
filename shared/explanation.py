"""How a refusal code is answered: HTTP status, sentence and next step in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a code is answered: HTTP status, sentence and next step in both languages."""

    status: int
    sentence_id: str
    sentence_en: str
    next_id: str
    next_en: str


def explained(status: int, sentence_id: str, sentence_en: str, next_id: str, next_en: str) -> Explanation:
    """Returns an explanation."""
    return Explanation(status, sentence_id, sentence_en, next_id, next_en)
