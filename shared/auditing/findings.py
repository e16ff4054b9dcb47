"""A finding: a stable code, the entries it is about, a sentence and what to ask, in both languages."""

from typing import Final, Literal, NamedTuple

Lang = Literal["id", "en"]
NOT_CONFORMING: Final = "not-conforming"
FOUR_EYES: Final = "four-eyes"
ONE_OFFICER: Final = "one-officer-both-roles"
WITHIN_SECONDS: Final = "within-seconds"
JUST_BEFORE_DEADLINE: Final = "just-before-deadline"
AFTER_HOURS: Final = "after-hours"
CLAIMED_TIME: Final = "claimed-time-far"
QUEUE_JUMP: Final = "queue-jump"
# Those that say that a rule of the pinned SOP was broken; the others point at what may have a good reason.
CONFORMANCE: Final = (NOT_CONFORMING, FOUR_EYES)


class Wording(NamedTuple):
    """The sentence of a code and what to ask; `{…}` stands for what a finding knows."""

    sentence_id: str
    sentence_en: str
    ask_id: str
    ask_en: str


WORDINGS: Final[dict[str, Wording]] = {
    NOT_CONFORMING: Wording(
        "Catatan ini tidak sesuai SOP yang berlaku baginya ({refusal}), tetapi tetap diterima.",
        "This entry does not conform to the SOP it is bound to ({refusal}), and stands all the same.",
        "Mengapa buku jejak menerimanya, dan apakah program atau isinya diubah?",
        "Why did the ledger accept it, and was the program or its content changed?",
    ),
    FOUR_EYES: Wording(
        "Orang yang sama menyusun dan menandatangani ({agency}).",
        "The same person drafted and signed ({agency}).",
        "Siapa yang memeriksa rancangan ini selain penyusunnya?",
        "Who but its author looked at this draft?",
    ),
    ONE_OFFICER: Wording(
        "Satu petugas ({officer}) melakukan {first} dan {second} dalam satu kasus.",
        "One officer ({officer}) did both {first} and {second} in one case.",
        "Apakah kedua peran ini harus dipisah, dan siapa yang mengawasinya?",
        "Have these two roles to be kept apart, and who supervised them?",
    ),
    WITHIN_SECONDS: Wording(
        "Langkah {step} ({agency}) disetujui {seconds} detik setelah sampai di meja.",
        "Step {step} ({agency}) was approved {seconds} seconds after it reached the desk.",
        "Apa yang diperiksa dalam waktu sesingkat itu?",
        "What was examined in so short a time?",
    ),
    JUST_BEFORE_DEADLINE: Wording(
        "Langkah {step} ({agency}) disetujui {minutes} menit sebelum batas waktunya.",
        "Step {step} ({agency}) was approved {minutes} minutes before its deadline.",
        "Apakah permohonan dibiarkan menunggu sampai batas waktu?",
        "Was the application left to wait until the limit?",
    ),
    AFTER_HOURS: Wording(
        "Langkah {step} ({agency}) disetujui di luar jam kerja, {local} WIB.",
        "Step {step} ({agency}) was approved outside office hours, {local} local time.",
        "Siapa yang bekerja saat itu, dan dari mana ia masuk?",
        "Who was working then, and from where did they sign in?",
    ),
    CLAIMED_TIME: Wording(
        "Waktu yang disebut pengirim ({said}) jauh dari waktu sah ({recorded}).",
        "The time its sender claims ({said}) is far from legal time ({recorded}).",
        "Apakah jam pengirim salah, atau catatan ini lama tertahan?",
        "Is the sender's clock wrong, or was this held back?",
    ),
    QUEUE_JUMP: Wording(
        "Langkah {step} ({agency}) selesai lebih dulu daripada {count} permohonan yang sudah lebih lama menunggu.",
        "Step {step} ({agency}) was done before {count} applications that had waited longer.",
        "Mengapa permohonan ini didahulukan?",
        "Why was this application taken first?",
    ),
}


class Finding(NamedTuple):
    """What was found: its code, the subject and the sequences of the entries, and what its sentence says further."""

    code: str
    subject: str
    sequences: tuple[int, ...]
    about: tuple[tuple[str, str], ...] = ()

    def sentence(self, lang: Lang) -> str:
        """Returns the sentence."""
        wording = WORDINGS[self.code]
        return (wording.sentence_en if lang == "en" else wording.sentence_id).format(**dict(self.about))

    def ask(self, lang: Lang) -> str:
        """Returns what to ask."""
        wording = WORDINGS[self.code]
        return wording.ask_en if lang == "en" else wording.ask_id


def finding(code: str, subject: str, sequences: tuple[int, ...], **about: object) -> Finding:
    """Makes a finding; `about` are what its sentence names."""
    return Finding(code, subject, sequences, tuple((name, str(value)) for name, value in about.items()))


def finding_json(found: Finding) -> dict[str, object]:
    """Returns a finding as JSON has it."""
    return {
        "code": found.code,
        "subject": found.subject,
        "entries": [{"code": found.subject, "sequence": sequence} for sequence in found.sequences],
        "says": {"id": found.sentence("id"), "en": found.sentence("en")},
        "ask": {"id": found.ask("id"), "en": found.ask("en")},
        **dict(found.about),
    }
