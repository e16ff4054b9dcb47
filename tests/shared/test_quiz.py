"""The quiz about an SOP: made of its content, five questions with one right choice each, the same again for a person and version."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import canonical
from shared.sop.findings import Words
from shared.sop.model import Sop, sop_content
from shared.sop.quiz import CHANGED_MAX, CHOICES_MAX, QUESTIONS, Question, candidates, quiz, wrong
from tests.builders import PBG, REKLAME, SKP, catalogue
from tests.sops import with_fields, with_step
from tests.strategies import QUICK

SHIPPED = sorted(catalogue())
seeds = st.text("abcdefgh0123456789", min_size=1, max_size=43)
TITLE = Words("Surat baru", "A new letter")


def asked(sop: Sop, before: Sop | None, code: str) -> Question:
    """Returns a question as some quiz asks it."""
    quizzes = (quiz(sop, before, str(seed)) for seed in range(200))
    return next(question for found in quizzes for question in found if question.code == code)


@given(st.sampled_from(SHIPPED), seeds)
@QUICK
def test_every_quiz_is_whole_and_every_question_has_one_right_choice(name: str, seed: str) -> None:
    """Every shipped SOP gives five different questions for whoever asks, and no two choices of a question read the same in a language."""
    questions = quiz(catalogue()[name], None, seed)
    assert len({question.code for question in questions}) == QUESTIONS
    for question in questions:
        assert 2 <= len(question.choices) <= CHOICES_MAX
        assert question.choices.count(question.right) == 1
        assert question.choices["abcd".index(question.letter)] == question.right
        for language in ("id", "en"):
            texts = [words.in_language(language) for words in question.choices]
            assert len(set(texts)) == len(texts)
            assert question.text.in_language(language)


@given(st.sampled_from(SHIPPED), seeds)
@QUICK
def test_a_seed_gives_the_same_quiz_again(name: str, seed: str) -> None:
    """Whoever asks again, on another day or another machine, gets the same questions with the same choices in the same order."""
    sop = catalogue()[name]
    assert quiz(sop, None, seed) == quiz(Sop.model_validate_json(canonical(sop_content(sop))), None, seed)


def test_two_people_get_different_quizzes() -> None:
    """Of fifty people hardly two get the same questions, so nobody learns letters from a colleague."""
    assert len({tuple(question.code for question in quiz(catalogue()[PBG], None, str(seed))) for seed in range(50)}) > 40


@given(st.sampled_from(SHIPPED), seeds, st.lists(st.sampled_from("abcd"), max_size=7))
@QUICK
def test_only_right_answers_are_right(name: str, seed: str, answers: list[str]) -> None:
    """The numbers that are wrong are exactly those whose letter differs or is missing; the letters of the quiz itself are all right."""
    questions = quiz(catalogue()[name], None, seed)
    given_ = dict(enumerate(answers, 1))
    assert wrong(questions, answers) == tuple(n for n, question in enumerate(questions, 1) if given_.get(n) != question.letter)
    assert wrong(questions, [question.letter for question in questions]) == ()


@pytest.mark.parametrize(
    ("name", "code", "right"),
    [
        (SKP, "target/telaah", "2 hari kerja"),
        (SKP, "agency/telaah", "Kesbangpol"),
        (SKP, "promise", "3 hari kerja"),
        (SKP, "correction", "10 hari kerja"),
        (SKP, "silence", "dianggap dikabulkan setelah 5 hari kerja"),
        (PBG, "source/bukti-tanah", "kota mencarinya sendiri"),
        (PBG, "reader/dokumen-lingkungan", "Penilaian lingkungan"),
        ("pbg-mbr@2", "times/penilik", "2 kali"),
        (REKLAME, "charge/skpd", "dihitung sistem instansi penetap"),
    ],
)
def test_the_right_choice_is_what_the_sop_says(name: str, code: str, right: str) -> None:
    """Targets, agencies, promises, silence, where documents come from, who looks at them and charges are asked as the SOP has them."""
    question = asked(catalogue()[name], None, code)
    assert question.right.id == right
    step = code.partition("/")[2]
    assert question.place.rpartition("/")[2] in (step, "", *(item.code for item in catalogue()[name].steps))


@given(seeds)
@QUICK
def test_what_changed_is_asked_first(seed: str) -> None:
    """A version that spares a document and has another target is asked about with both, before anything that stayed."""
    before = catalogue()[REKLAME]
    after = with_step(before, "lalin", target_working_days=9)
    after = with_fields(after, version=2, requirements=tuple(item for item in after.requirements if item.code != "jaminan-bongkar"))
    found = {question.code: question for question in quiz(after, before, seed)}
    gone = found["gone/jaminan-bongkar"]
    stayed = {item.title.id for item in after.requirements}
    assert all(words == gone.right or words.id in stayed for words in gone.choices)
    changed = [item for item in candidates(after, before) if item.changed]
    asked_changed = set(found) & {item.code for item in changed}
    assert len(asked_changed) == min(CHANGED_MAX, len(changed))


def test_a_new_document_is_asked_about() -> None:
    """A version that asks for one document more has a question whose right choice is that document, beside others that were asked before."""
    before = catalogue()[SKP]
    added = before.requirements[0].model_copy(update={"code": "surat-baru", "title": before.title.model_copy(update=TITLE._asdict())})
    after = with_fields(before, version=2, requirements=(*before.requirements, added))
    question = asked(after, before, "new/surat-baru")
    assert question.right == TITLE
    assert all(words == TITLE or words.id in {item.title.id for item in before.requirements} for words in question.choices)


def test_a_document_under_another_code_is_no_change_to_ask_about() -> None:
    """Given a document whose code changed and whose title stayed, nobody is asked what is gone: it would still be asked for."""
    before = catalogue()[SKP]
    renamed = tuple(item.model_copy(update={"code": "proposal-riset"}) if item.code == "proposal" else item for item in before.requirements)
    steps = tuple(
        step.model_copy(update={"reads": tuple("proposal-riset" if code == "proposal" else code for code in step.reads)})
        for step in before.steps
    )
    after = with_fields(before, version=2, requirements=renamed, steps=steps)
    assert not {"gone/proposal", "new/proposal-riset"} & {item.code for item in candidates(after, before)}
