"""Which reasons officers, and who objects, may give by code, with their texts: one place for doors, pages and tests.

The doors refuse a code that is not listed for its kind (`reason-unknown`); the ledger does not, so what was entered before a list changed
stays valid. A code that is in no list, of an old entry, is shown readably.
"""

from collections.abc import Iterable
from typing import Final, Literal

from shared.refusals import Refusal

Kind = Literal[
    "finding",
    "rejection",
    "return",
    "move",
    "miss",
    "objection",
    "objection-answer",
    "involved-drafter",
    "sanction",
    "mended",
    "hand-over",
    "conflict",
    "recheck",
    "contest",
    "ruling",
    "force-majeure",
    "waiver",
    "capacity",
    "reduction",
    "release",
    "forfeit",
    "slip",
    "duplicate",
]

REASONS: Final[dict[Kind, dict[str, tuple[str, str]]]] = {
    "finding": {
        "tidak-terbaca": ("tidak terbaca", "not legible"),
        "tidak-lengkap": ("tidak lengkap", "not complete"),
        "tidak-sesuai": ("tidak sesuai ketentuan", "does not meet the rules"),
        "kedaluwarsa": ("sudah kedaluwarsa", "out of date"),
        "kurang-jelas": ("kurang jelas", "not clear"),
        "tidak-ditandatangani": ("belum ditandatangani", "not signed"),
        "data-berbeda": ("data berbeda antar dokumen", "the documents differ"),
    },
    "reduction": {
        "tidak-mampu": ("pembayar tidak mampu", "the payer cannot afford it"),
        "kegiatan-sosial": ("kegiatan sosial atau keagamaan", "a social or religious purpose"),
        "kepentingan-umum": ("untuk kepentingan umum", "in the public interest"),
        "bencana": ("terdampak bencana", "struck by a disaster"),
    },
    "release": {
        "sudah-dibongkar": ("sudah dibongkar pemegang izin", "taken down by the holder"),
        "kewajiban-dipenuhi": ("kewajiban sudah dipenuhi", "the obligation was met"),
    },
    "forfeit": {
        "tidak-dibongkar": ("tidak dibongkar pada waktunya", "not taken down in time"),
        "kewajiban-dilanggar": ("kewajiban tidak dipenuhi", "the obligation was not met"),
    },
    "rejection": {
        "tidak-memenuhi-standar": ("tidak memenuhi standar teknis", "does not meet the technical standard"),
        "bertentangan-tata-ruang": ("bertentangan dengan tata ruang", "against the spatial plan"),
        "tata-ruang": ("bertentangan dengan tata ruang", "against the spatial plan"),
        "membahayakan-umum": ("membahayakan umum", "dangerous to the public"),
        "data-tidak-benar": ("data tidak benar", "untrue data"),
        "kuota-habis": ("kuota sudah habis", "the quota is used up"),
        "bukan-kewenangan": ("bukan kewenangan kota", "not for the city to decide"),
    },
    "return": {
        "alasan-kurang-jelas": ("alasan kurang jelas", "the reasons are not clear"),
        "nomor-salah": ("nomor atau data salah", "a wrong number or datum"),
        "ada-penolakan": ("ada penilaian yang menolak", "a review rejects it"),
        "dasar-hukum-kurang": ("dasar hukum kurang", "the legal basis is wanting"),
    },
    "move": {
        "permintaan-pemohon": ("permintaan pemohon", "the applicant asked for it"),
        "hujan": ("hujan", "rain"),
        "hujan-lebat": ("hujan lebat", "heavy rain"),
        "kendaraan-tidak-tersedia": ("kendaraan tidak tersedia", "no vehicle"),
        "petugas-berhalangan": ("petugas berhalangan", "an officer cannot come"),
    },
    "miss": {
        "pemohon-tidak-di-tempat": ("pemohon tidak di tempat", "the applicant was not there"),
        "terkunci": ("lokasi terkunci", "the place was locked"),
        "petugas-tidak-hadir": ("petugas tidak hadir", "the officers did not come"),
        "kendaraan-tidak-tersedia": ("kendaraan tidak tersedia", "no vehicle"),
        "hujan": ("hujan", "rain"),
        "hujan-lebat": ("hujan lebat", "heavy rain"),
        "jalan-terputus": ("jalan terputus", "the road was cut off"),
    },
    "objection": {
        "penilaian-keliru": ("penilaian keliru", "the review was mistaken"),
        "bukti-baru": ("ada bukti baru", "there is new evidence"),
        "aturan-tidak-tepat": ("aturan yang dipakai tidak tepat", "the wrong rule was applied"),
        "prosedur-tidak-diikuti": ("prosedur tidak diikuti", "the procedure was not followed"),
        "alasan-tidak-jelas": ("alasan keputusan tidak jelas", "the reasons of the decision are not clear"),
        "sudah-dipenuhi": ("sudah dipenuhi tepat waktu", "it was done in time"),
    },
    "objection-answer": {
        "keberatan-beralasan": ("keberatan beralasan", "the objection is well-founded"),
        "bukti-baru-cukup": ("bukti baru cukup", "the new evidence is sufficient"),
        "penolakan-sesuai-aturan": ("penolakan sesuai aturan", "the refusal follows the rules"),
        "keputusan-sesuai-aturan": ("keputusan sesuai aturan", "the decision follows the rules"),
        "bukti-baru-tidak-cukup": ("bukti baru tidak cukup", "the new evidence is not sufficient"),
        "bukan-kewenangan": ("bukan kewenangan kota", "not for the city to decide"),
    },
    "involved-drafter": {
        "tidak-ada-pegawai-lain": ("tidak ada pegawai lain", "there is no other officer"),
        "pegawai-lain-berhalangan": ("pegawai lain berhalangan", "every other officer is away"),
        "perlu-keahlian": ("perlu keahlian yang sama", "the same expertise is needed"),
    },
    "sanction": {
        "temuan-pemeriksaan": ("temuan pada pemeriksaan setelah terbit", "what a visit after issue found"),
        "tidak-sesuai-izin": ("pelaksanaan tidak sesuai izin", "the work differs from the permit"),
        "membahayakan-umum": ("membahayakan umum", "dangerous to the public"),
        "data-tidak-benar": ("data tidak benar", "untrue data"),
        "kewajiban-tidak-dipenuhi": ("kewajiban tidak dipenuhi", "a duty was not fulfilled"),
        "pajak-tidak-dibayar": ("pajak atau retribusi tidak dibayar", "tax or levy not paid"),
    },
    "mended": {
        "sudah-diperbaiki": ("sudah diperbaiki", "mended"),
        "sanggahan-diterima": ("sanggahan diterima", "the objection was accepted"),
    },
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
    "capacity": {
        "permintaan-naik": ("permintaan meningkat", "more is asked for"),
        "kapasitas-bertambah": ("kapasitas bertambah", "there is more room"),
        "kapasitas-berkurang": ("kapasitas berkurang", "there is less room"),
        "salah-hitung": ("jumlah sebelumnya salah hitung", "the number before was counted wrongly"),
    },
    "slip": {
        "salah-ketik": ("salah ketik", "a typing error"),
        "salah-salin": ("salah menyalin dari berkas", "wrongly copied from the application"),
        "salah-hitung-hari": ("tanggal salah ditulis", "a date was written wrongly"),
    },
    "duplicate": {
        "hilang": ("izin hilang", "the document was lost"),
        "rusak": ("izin rusak", "the document was damaged"),
    },
    "force-majeure": {
        "kabut-asap": ("kabut asap", "smoke haze"),
        "banjir": ("banjir", "a flood"),
        "gangguan-sistem-nasional": ("gangguan sistem nasional", "an outage of a national system"),
        "bencana-lain": ("bencana lain", "another disaster"),
    },
    "waiver": {
        "cuti": ("petugas cuti", "the officer is on leave"),
        "dinas-luar": ("petugas dinas luar", "the officer is away on duty"),
        "tidak-ada-pengganti": ("tidak ada petugas lain", "there is nobody else"),
        "gangguan-sistem": ("sistem kuis terganggu", "the quiz cannot be reached"),
    },
}

# Who did not come, for the reasons why a visit was missed; of the others neither side could help it.
MISSED_BY: Final[dict[str, Literal["applicant", "agency"]]] = {
    "pemohon-tidak-di-tempat": "applicant",
    "terkunci": "applicant",
    "petugas-tidak-hadir": "agency",
    "kendaraan-tidak-tersedia": "agency",
}


def checked(kind: Kind, code: str) -> str:
    """Returns a reason that is listed for its kind; raises `Refusal("reason-unknown")`."""
    if code not in REASONS[kind]:
        raise Refusal("reason-unknown", code)
    return code


def checked_all(kind: Kind, codes: Iterable[str], also: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns reasons each listed for their kind or among some that the city's own rules gave; raises `Refusal("reason-unknown")`."""
    known = set(also)
    return tuple(code if code in known else checked(kind, code) for code in codes)


def missed_by(code: str) -> Literal["applicant", "agency", ""]:
    """Returns who did not come to a visit, by the reason; empty when neither side could help it."""
    return MISSED_BY.get(code, "")


def text_of(code: str) -> tuple[str, str] | None:
    """Returns a reason's text in Indonesian and English, None for a code that no list has."""
    return next((texts[code] for texts in REASONS.values() if code in texts), None)
