"""A short quiz about a published SOP, made of its own content: what somebody has to know before they work under it.

The same SOP, version before and seed give the same quiz; the seed is the identity of a person that the acknowledgement names, so an
auditor can make the quiz of any acknowledgement again. What changed against the version before comes first. Each question has one right
choice, and names the part of the SOP where the answer stands.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from shared.agencies import AGENCIES, OTHERS, party_name, short_name
from shared.sop.diff import diff
from shared.sop.findings import Words, words_of, working_days
from shared.sop.model import AfterVisit, ChargeRule, Requirement, Sop, Step

QUESTIONS: Final = 5
CHOICES_MAX: Final = 4
CHANGED_MAX: Final = 3  # of the questions; the rest is about what stayed
LETTERS: Final = "abcd"
NO_ISSUERS: Final = frozenset({"applicant", "ledger", "kas-daerah"})  # the applicant stands there under another name
SILENCE_DAYS: Final = 5  # offered where silence never grants, so no number of days is right
WHOLE: Final = Words("ketentuan umum SOP", "the general part of the SOP")
_METHODS: Final = {
    "fixed": Words("jumlah tetap", "a fixed sum"),
    "product": Words("harga satuan kali ukuran", "a unit price times measures"),
    "told": Words("dihitung sistem instansi penetap", "computed by the assessing agency's own system"),
}
_SOURCES: Final = {
    "upload": Words("pemohon menyerahkannya", "the applicant hands it in"),
    "lookup": Words("kota mencarinya sendiri", "the city looks it up itself"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `code` tells it apart (`target/telaah`), `place` is where the answer stands in the SOP; the right choice is among them."""

    code: str
    place: str
    part: Words
    text: Words
    choices: tuple[Words, ...]
    right: Words

    @property
    def letter(self) -> str:
        """The letter of the right choice."""
        return LETTERS[self.choices.index(self.right)]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that could be asked, with everything that could be offered beside the right answer; `changed` since the version before."""

    code: str
    place: str
    part: Words
    text: Words
    right: Words
    others: tuple[Words, ...]
    changed: bool = False

    @property
    def kind(self) -> str:
        """What it is about."""
        return self.code.partition("/")[0]


def quiz(sop: Sop, before: Sop | None, seed: str) -> tuple[Question, ...]:
    """Returns the quiz of a version for a seed: five questions, each with two to four choices."""
    found = sorted(candidates(sop, before), key=lambda item: _draw(seed, sop.name, item.code))
    changed = _mixed([item for item in found if item.changed])[:CHANGED_MAX]
    kept = _mixed([item for item in found if item not in changed])
    chosen = [*changed, *kept][:QUESTIONS]
    return tuple(_asked(item, f"{seed}\n{sop.name}\n{item.code}") for item in chosen)


def wrong(questions: Sequence[Question], answers: Sequence[str]) -> tuple[int, ...]:
    """Returns the numbers, from 1, of the questions that are not answered or not rightly; `answers` are letters in the quiz's order."""
    given = dict(enumerate(answers, 1))
    return tuple(number for number, question in enumerate(questions, 1) if given.get(number) != question.letter)


def _draw(seed: str, *about: str) -> bytes:
    return hashlib.sha256("\n".join((seed, *about)).encode()).digest()


def _mixed(found: Sequence[Candidate]) -> list[Candidate]:
    """Returns candidates so that each kind comes once before any comes twice."""
    met: dict[str, int] = {}
    turns = []
    for item in found:
        met[item.kind] = met.get(item.kind, 0) + 1
        turns.append(met[item.kind])
    return [item for _, item in sorted(zip(turns, found, strict=True), key=lambda pair: pair[0])]


def _asked(item: Candidate, seed: str) -> Question:
    others = sorted(item.others, key=lambda words: _draw(seed, words.id))[: CHOICES_MAX - 1]
    choices = tuple(sorted((item.right, *others), key=lambda words: _draw(seed, "order", words.id)))
    return Question(item.code, item.place, item.part, item.text, choices, item.right)


# What could be asked


def candidates(sop: Sop, before: Sop | None) -> tuple[Candidate, ...]:
    """Returns every question that an SOP gives, those with no wrong answer to offer left out."""
    changed = frozenset(change.place or change.kind for change in diff(before, sop)) if before else frozenset()
    found = [
        *_whole(sop, changed),
        *(item for step in sop.steps for item in _step(sop, step, changed)),
        *(item for visit in sop.after_issue for item in _after_issue(sop, visit, changed)),
        *(item for requirement in sop.requirements for item in _requirement(sop, requirement, changed)),
        *(_changed_lists(sop, before) if before else ()),
    ]
    return tuple(item for item in found if item.others)


def _others(right: Words, *pools: Iterable[Words]) -> tuple[Words, ...]:
    """Returns other answers: those of a pool only while the pools before it give too few; none equals the right one or another."""
    found: list[Words] = []
    for pool in pools:
        if len(found) >= CHOICES_MAX - 1:
            break
        for words in pool:
            if not _titled(words, (right, *found)):
                found.append(words)
    return tuple(found)


def _numbers(sop: Sop, right: int) -> tuple[Words, ...]:
    """Returns other lengths in working days: those of the SOP's own steps, then the next longer ones."""
    own = sorted({step.target_working_days for step in sop.steps} | {sop.promise_working_days}, key=lambda days: (abs(days - right), days))
    return _others(working_days(right), map(working_days, own), map(working_days, islice(count(right + 1), CHOICES_MAX)))


def _whole(sop: Sop, changed: Collection[str]) -> Iterable[Candidate]:
    promise, correction, deemed = sop.promise_working_days, sop.correction_within_working_days, sop.deemed_approval
    text = Words("Berapa lama janji layanan izin ini?", "Within how long does the city promise to answer?")
    yield Candidate("promise", "", WHOLE, text, working_days(promise), _numbers(sop, promise), "promise" in changed)
    text = Words("Berapa lama waktu pemohon untuk memperbaiki?", "How long does the applicant have for a correction?")
    yield Candidate("correction", "", WHOLE, text, working_days(correction), _numbers(sop, correction), "correction-days" in changed)
    text = Words("Apa akibatnya bila tidak ada keputusan?", "What follows when nobody decides?")
    never = Words("izin tidak pernah dianggap dikabulkan", "the permit is never deemed granted")
    days = deemed.after_working_days or SILENCE_DAYS
    granted = [
        Words(f"dianggap dikabulkan setelah {item} hari kerja", f"deemed granted after {item} working day{'' if item == 1 else 's'}")
        for item in (days, days + 5, days + 10)
    ]
    right = granted[0] if deemed.allowed else never
    yield Candidate("silence", "", WHOLE, text, right, _others(right, [never], granted), bool({"deemed", "deemed-days"} & set(changed)))


def _step(sop: Sop, step: Step, changed: Collection[str]) -> Iterable[Candidate]:
    title, place = words_of(step.title), f"steps/{step.code}"
    is_changed = place in changed
    if not step.automatic or step.manual_when is not None:
        text = Words(f"Berapa target waktu langkah “{title.id}”?", f"What is the target of the step “{title.en}”?")
        target = step.target_working_days
        yield Candidate(f"target/{step.code}", place, title, text, working_days(target), _numbers(sop, target), is_changed)
    yield from _whose(sop, step, place, changed=is_changed)
    if step.charge is not None:
        yield from _charge(step, step.charge, title, changed=is_changed)


def _whose(sop: Sop, part: Step | AfterVisit, place: str, *, changed: bool) -> Iterable[Candidate]:
    """Asks which agency does something, unless several do it together."""
    if len(part.agencies) > 1:
        return
    title, right = words_of(part.title), _agency(part.agencies[0])
    text = Words(f"Instansi mana yang melakukan “{title.id}”?", f"Which agency does “{title.en}”?")
    pool = _others(right, map(_agency, sop.working_agencies), map(_agency, AGENCIES))
    yield Candidate(f"agency/{part.code}", place, title, text, right, pool, changed)


def _after_issue(sop: Sop, visit: AfterVisit, changed: Collection[str]) -> Iterable[Candidate]:
    place, title = f"after-issue/{visit.code}", words_of(visit.title)
    yield from _whose(sop, visit, place, changed=place in changed)
    text = Words(f"Berapa kali “{title.id}” dilakukan setelah izin terbit?", f"How many times is there “{title.en}” after issue?")
    right = _times(visit.visits)
    pool = _others(right, (_times(number) for number in range(1, CHOICES_MAX + 2)))
    yield Candidate(f"times/{visit.code}", place, title, text, right, pool, place in changed)


def _times(number: int) -> Words:
    return Words(f"{number} kali", f"{number} time{'' if number == 1 else 's'}")


def _agency(slug: str) -> Words:
    return Words(**short_name(slug))


def _charge(step: Step, rule: ChargeRule, title: Words, *, changed: bool) -> Iterable[Candidate]:
    place, right = f"steps/{step.code}", _METHODS[rule.method]
    text = Words(f"Bagaimana biaya pada “{title.id}” ditetapkan?", f"How is the charge of “{title.en}” set?")
    yield Candidate(f"charge/{step.code}", place, title, text, right, _others(right, _METHODS.values()), changed)
    if rule.unit_rupiah:
        text = Words(f"Berapa tarif pada “{title.id}”?", f"What is the tariff of “{title.en}”?")
        right = _rupiah(rule.unit_rupiah)
        pool = _others(right, (_rupiah(rule.unit_rupiah * times // 2) for times in (1, 3, 4, 6)))
        yield Candidate(f"tariff/{step.code}", place, title, text, right, pool, changed)


def _rupiah(amount: int) -> Words:
    text = f"Rp{amount:,}".replace(",", ".")
    return Words(text, text)


def _requirement(sop: Sop, item: Requirement, changed: Collection[str]) -> Iterable[Candidate]:
    title, place = words_of(item.title), f"requirements/{item.code}"
    is_changed = place in changed
    text = Words(f"Dari mana datangnya “{title.id}”?", f"Where does “{title.en}” come from?")
    right = _SOURCES[item.source]
    yield Candidate(f"source/{item.code}", place, title, text, right, _others(right, _SOURCES.values()), is_changed)
    text = Words(f"Siapa yang menerbitkan “{title.id}”?", f"Who issues “{title.en}”?")
    right = Words(**party_name(item.issued_by))
    own = [Words(**party_name(other.issued_by)) for other in sop.requirements]
    pool = _others(right, own, (Words(**party_name(slug)) for slug in OTHERS if slug not in NO_ISSUERS))
    yield Candidate(f"issuer/{item.code}", place, title, text, right, pool, is_changed)
    readers = [step for step in sop.steps if item.code in step.reads]
    if len(readers) == 1:
        text = Words(f"Langkah mana yang memeriksa “{title.id}”?", f"Which step looks at “{title.en}”?")
        right = words_of(readers[0].title)
        pool = _others(right, (words_of(step.title) for step in sop.steps))
        yield Candidate(f"reader/{item.code}", f"steps/{readers[0].code}", right, text, right, pool, is_changed)


def _changed_lists(sop: Sop, before: Sop) -> Iterable[Candidate]:
    """Returns what is asked about the documents and steps that came or went."""
    gone = Words("Apa yang tidak lagi diminta sejak versi sebelumnya?", "What is no longer asked for since the version before?")
    new = Words("Apa yang baru diminta sejak versi sebelumnya?", "What is newly asked for since the version before?")
    yield from _came_and_went("requirements", before.requirements, sop.requirements, gone, new)
    gone = Words("Langkah mana yang tidak ada lagi sejak versi sebelumnya?", "Which step is gone since the version before?")
    new = Words("Langkah mana yang baru sejak versi sebelumnya?", "Which step is new since the version before?")
    yield from _came_and_went("steps", before.steps, sop.steps, gone, new)


def _came_and_went(
    kind: str, before: Iterable[Requirement | Step], now: Iterable[Requirement | Step], gone_text: Words, new_text: Words
) -> Iterable[Candidate]:
    """Returns what is asked about one list of the SOP: each part that came or went is offered beside those that stayed."""
    old, new = ({item.code: words_of(item.title) for item in items} for items in (before, now))
    stayed = [words for code, words in new.items() if code in old]
    for code, words in old.items():
        if code not in new and not _titled(words, new.values()):
            yield Candidate(f"gone/{code}", kind, WHOLE, gone_text, words, _others(words, stayed), changed=True)
    for code, words in new.items():
        if code not in old and not _titled(words, old.values()):
            yield Candidate(f"new/{code}", f"{kind}/{code}", words, new_text, words, _others(words, stayed), changed=True)


def _titled(words: Words, among: Iterable[Words]) -> bool:
    """Says whether something among these has the same title in either language."""
    return any(words.id == other.id or words.en == other.en for other in among)
