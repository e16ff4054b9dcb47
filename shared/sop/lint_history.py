"""What the past says about an SOP: steps that took time and never changed what came out; pure.

A step changed something if it rejected, asked for a correction, failed a visit, or added a condition. Days: the median of the time that
the step really took.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shared.resampling import median
from shared.sop.findings import Finding, Words, found
from shared.sop.model import Sop, Step
from shared.sop.past import History

# With none in n, the true share is below 3/n with 95 % certainty (rule of three): 60 are needed to say less than one in twenty.
DECIDED_MIN: Final = 60
RULE_OF_THREE: Final = 3
# What a person does to judge; a charge, a payment or a place in a queue is no judgement, and the decision is what the others serve.
JUDGING: Final = ("review", "recommendation", "visit", "outsider")
SUGGESTIONS: Final[Mapping[str, Words]] = {
    "review": Words(
        "biarkan aturan yang melakukannya, gabungkan dengan penilaian lain di instansi yang sama, atau periksa sebagian saja menurut undian",
        "let a rule do it, merge it with another review of the same agency, or look at a drawn sample only",
    ),
    "recommendation": Words(
        "gabungkan dengan penilaian sebelumnya: satu tanda tangan cukup", "merge it with the review before it: one signature is enough"
    ),
    "visit": Words(
        "kunjungi sebagian saja menurut undian, atau setelah izin terbit", "visit a drawn sample only, or after the permit was issued"
    ),
    "outsider": Words(
        "terima hasil yang masih berlaku, atau minta sebagian saja menurut undian",
        "accept a result that is still valid, or ask for a drawn sample only",
    ),
}


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a step over decided applications: in how many it was done, in how many it changed something, its median minutes."""

    sop: Sop
    step: Step
    cases: int
    changed: int
    median_minutes: int

    @property
    def upper_permille(self) -> int:
        """The upper end of the 95 % interval of how often it changes something, where it never did."""
        return -(-RULE_OF_THREE * 1000 // self.cases)


def step_records(history: History) -> list[Record]:
    """Returns the record of each judging step that a person did in the history, under the newest SOP that has it, in that SOP's order."""
    sops = {sop.name: sop for sop in sorted((case.sop for case in history.cases), key=lambda sop: sop.version)}
    newest = {step.code: (sop, step) for sop in sops.values() for step in sop.steps}
    found = []
    for code, (sop, step) in newest.items():
        done = [
            case
            for case in history.cases
            if case.decided and code in case.done and not case.sop.step_by_code[code].runs_by_rule(case.facts)
        ]
        if step.kind in JUDGING and done and (history.tells is None or code in history.tells):
            minutes = median([case.done[code].minutes + case.done[code].others_minutes for case in done])
            found.append(Record(sop, step, len(done), sum(code in case.changed for case in done), minutes))
    return found


def history_findings(history: History) -> Iterator[Finding]:
    """Yields a finding for each step that enough applications met and that never changed anything."""
    day_minutes = history.clock.minutes_a_day
    for record in step_records(history):
        if record.cases >= DECIDED_MIN and not record.changed:
            tenths = (record.median_minutes * 10 + day_minutes // 2) // day_minutes
            yield found(
                "never-changed",
                record.sop.name,
                f"steps/{record.step.code}",
                (record.median_minutes + day_minutes // 2) // day_minutes,
                step=record.step.code,
                count=record.cases,
                share=Words(_percent(record.upper_permille, ","), _percent(record.upper_permille, ".")),
                took=Words(f"{tenths // 10},{tenths % 10}", f"{tenths // 10}.{tenths % 10}"),
                suggestion=SUGGESTIONS[record.step.kind],
            )


def _percent(permille: int, sign: str) -> str:
    return f"{permille // 10}{sign}{permille % 10} %"
