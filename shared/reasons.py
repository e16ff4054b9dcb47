"""Which reasons officers may give by code, with their texts: one place for doors, pages and tests.

The doors refuse a code that is not listed for its kind (`reason-unknown`); the ledger does not, so what was entered before a list changed
stays valid. A code that is in no list, of an old entry, is shown readably.
"""

from typing import Final, Literal

from shared.refusals import Refusal

Kind = Literal["hand-over", "conflict", "recheck", "contest", "ruling", "force-majeure"]

REASONS: Final[dict[Kind, dict[str, tuple[str, str]]]] = {
    "hand-over": {
        "cuti": ("petugas cuti", "the officer is on leave"),
        "dinas-luar": ("petugas dinas luar", "the officer is away on duty"),
        "pindah-tugas": ("petugas pindah tugas", "the officer has another post"),
        "beban-kerja": ("beban kerja dibagi", "the work is shared out"),
        "keahlian": ("perlu keahlian lain", "another expertise is needed"),
    },
    "conflict": {
        "keluarga": ("hubungan keluarga dengan pihak terkait", "family of somebody concerned"),
        "kepentingan-usaha": ("kepentingan usaha", "a business interest"),
        "pernah-terlibat": ("pernah terlibat dalam berkas ini", "was involved in this matter before"),
        "hubungan-dekat": ("hubungan dekat dengan pihak terkait", "close to somebody concerned"),
    },
    "recheck": {
        "informasi-baru": ("ada informasi baru", "there is new information"),
        "kekeliruan-penilaian": ("penilaian sebelumnya keliru", "the earlier review was mistaken"),
        "terkait-perbaikan": ("terdampak perbaikan lain", "another correction affects it"),
    },
    "contest": {
        "sistem-nasional-gangguan": ("gangguan sistem nasional", "a national system was down"),
        "berkas-di-pihak-lain": ("berkas sedang di pihak lain", "somebody else had the file"),
        "keadaan-kahar": ("keadaan kahar", "force majeure"),
        "batas-salah-hitung": ("batas waktu salah dihitung", "the date was counted wrongly"),
    },
    "ruling": {
        "bukti-cukup": ("bukti cukup", "the evidence is sufficient"),
        "bukti-tidak-cukup": ("bukti tidak cukup", "the evidence is not sufficient"),
        "di-luar-kendali": ("di luar kendali instansi", "beyond the agency's control"),
        "dalam-kendali": ("masih dalam kendali instansi", "within the agency's control"),
    },
    "force-majeure": {
        "kabut-asap": ("kabut asap", "smoke haze"),
        "banjir": ("banjir", "a flood"),
        "gangguan-sistem-nasional": ("gangguan sistem nasional", "an outage of a national system"),
        "bencana-lain": ("bencana lain", "another disaster"),
    },
}


def checked(kind: Kind, code: str) -> str:
    """Returns a reason that is listed for its kind; raises `Refusal("reason-unknown")`."""
    if code not in REASONS[kind]:
        raise Refusal("reason-unknown", code)
    return code


def text_of(code: str) -> tuple[str, str] | None:
    """Returns a reason's text in Indonesian and English, None for a code that no list has."""
    return next((texts[code] for texts in REASONS.values() if code in texts), None)
