"""What the lint of SOPs may find: every code with its severity and its sentences, in Indonesian and English, and what to do about it.

`error`: the SOP may not be published like this. `warning`: a rule of the city or of the law is probably broken. `advice`: it could be simpler.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from shared.sop.finding_texts import TEXTS

if TYPE_CHECKING:
    from shared.sop.model import Text

Severity = Literal["error", "warning", "advice"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "advice")


class Words(NamedTuple):
    """A sentence in Indonesian and English."""

    id: str
    en: str

    def in_language(self, language: str) -> str:
        """Returns the sentence in `id` or `en`."""
        return self.en if language == "en" else self.id


class Kind(NamedTuple):
    """What every finding of one code has in common; `says` and `mend` are filled with the names of the case."""

    severity: Severity
    says: Words
    mend: Words


KINDS: Final[dict[str, Kind]] = {
    code: Kind(severity, Words(says_id, says_en), Words(mend_id, mend_en))
    for severity, group in TEXTS.items()
    for code, (says_id, says_en, mend_id, mend_en) in group.items()
}
# Findings about several SOPs together; `also` names the others.
OVERLAPS: Final = frozenset({"asked-by-several", "repeated-review", "same-version", "two-agencies"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: its code, the SOP, the element, and what it costs or would save in working days (0: no days)."""

    code: str
    sop: str
    place: str
    days: int
    says: Words
    mend: Words
    also: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """How grave it is: the same for every finding of a code."""
        return KINDS[self.code].severity


def found(code: str, sop: str, place: str, days: int = 0, also: Sequence[str] = (), **names: Any) -> Finding:  # noqa: ANN401 - texts, numbers and `Words`
    """Returns a finding whose sentences name what it is about; a `Words` among the names is put in in each language."""
    kind = KINDS[code]
    says, mend = _filled(kind.says, names, days), _filled(kind.mend, names, days)
    return Finding(code, sop, place, days, says, mend, tuple(also))


def _filled(words: Words, names: dict[str, Any], days: int) -> Words:
    chosen = [{name: value[index] if isinstance(value, Words) else value for name, value in names.items()} for index in (0, 1)]
    counted = working_days(days)
    filled = [text.format(days=days, days_long=counted[index], **chosen[index]) for index, text in enumerate(words)]
    return Words(*filled)


def words_of(text: "Text") -> Words:
    """Returns a text of an SOP as a sentence may name it."""
    return Words(text.id, text.en)


def working_days(days: int) -> Words:
    """Returns a number of working days in words."""
    return Words(f"{days} hari kerja", f"{days} working day{'' if days == 1 else 's'}")


def element_names(items: Sequence[object]) -> list[str]:
    """Returns what each element of a list is called in a place: its code or name, its number where it has none or shares it."""
    named = [_own_name(item) for item in items]
    return [own if own and named.index(own) == index else str(index + 1) for index, own in enumerate(named)]


def _own_name(item: object) -> str:
    if isinstance(item, dict):
        for key in ("code", "name"):
            value = item.get(key)
            if isinstance(value, str) and value and "/" not in value and not value.isdigit():
                return value
    return ""
