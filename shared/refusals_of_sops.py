"""The refusal codes about versions of SOPs: drafting, publishing, moving running applications."""

from typing import Final

from shared.explanation import Explanation

_x: Final = Explanation
SOP_REFUSALS: Final[dict[str, Explanation]] = {
    "sop-has-errors": _x(
        409,
        "SOP ini masih memuat kesalahan.",
        "This SOP still has errors.",
        "Perbaiki setiap temuan, periksa dengan `jejak sop check`, lalu ajukan lagi.",
        "Mend every finding, check it with `jejak sop check`, and draft it again.",
    ),
    "sop-draft-pending": _x(
        409,
        "Rancangan versi ini masih menunggu pemeriksa.",
        "A draft of this version already waits for its reviewer.",
        "Terbitkan atau kembalikan dulu rancangan itu.",
        "Publish that draft or return it first.",
    ),
    "sop-draft-unknown": _x(
        409,
        "Tidak ada rancangan terbuka untuk versi SOP ini.",
        "There is no open draft of this version.",
        "Ajukan rancangannya dulu, dan tunggu sampai dicatat.",
        "Draft it first, and wait until the draft is entered.",
    ),
    "sop-draft-differs": _x(
        409,
        "Isi ini berbeda dari rancangan yang diperiksa.",
        "This content differs from the draft under review.",
        "Baca lagi rancangannya dan pakai sidik isinya.",
        "Read the draft again and name its digest.",
    ),
    "sop-date-past": _x(
        409,
        "Tanggal mulai berlaku sudah lewat.",
        "The day from which it would be in force has passed.",
        "Pilih hari ini atau hari sesudahnya.",
        "Choose today or a later day.",
    ),
    "sop-not-newer": _x(
        409,
        "Itu bukan versi yang lebih baru dari SOP permohonan ini.",
        "That is no newer version of this application's SOP.",
        "Pilih versi yang lebih baru dari jenis izin yang sama.",
        "Choose a newer version of the same permit type.",
    ),
    "sop-move-too-late": _x(
        409,
        "Permohonan ini sudah terlalu jauh untuk beralih SOP.",
        "The application is too far along to move to another SOP.",
        "Selesaikan dengan SOP yang sekarang.",
        "Finish it under its present SOP.",
    ),
    "worse-for-applicant": _x(
        409,
        "SOP baru akan merugikan pemohon ini.",
        "The newer SOP would leave this applicant worse off.",
        "Permohonan tetap pada SOP yang sekarang.",
        "The application stays on its present SOP.",
    ),
    "sop-not-acknowledged": _x(
        403,
        "Anda belum menyatakan memahami versi SOP ini, dan masa tenggangnya sudah lewat.",
        "You have not acknowledged this version of the SOP, and the grace days are over.",
        "Kerjakan kuisnya di katalog (`jejak sop quiz`, GET /v1/sops/quiz), lalu ulangi; atau minta kepala menangguhkannya.",
        "Take its quiz at the catalogue (`jejak sop quiz`, GET /v1/sops/quiz) and try again, or ask the head for a waiver.",
    ),
    "officer-not-acknowledged": _x(
        409,
        "Petugas yang disebut belum menyatakan memahami versi SOP ini, dan masa tenggangnya sudah lewat.",
        "An officer who is named has not acknowledged this version of the SOP, and the grace days are over.",
        "Tunjuk petugas lain, mintalah ia mengerjakan kuisnya di katalog (GET /v1/sops/quiz), atau catat penangguhan.",
        "Name another officer, have them take the quiz at the catalogue (GET /v1/sops/quiz), or record a waiver.",
    ),
    "sop-already-acknowledged": _x(
        409,
        "Orang ini sudah menyatakan memahami versi SOP ini.",
        "This person has already acknowledged this version of the SOP.",
        "Tidak perlu tindakan.",
        "Nothing needs to be done.",
    ),
    "quiz-wrong": _x(
        409,
        "Ada jawaban yang belum tepat.",
        "Some answers are not right.",
        "Baca bagian SOP yang disebut pada tiap temuan, lalu jawab lagi.",
        "Read the part of the SOP that each finding names, and answer again.",
    ),
    "waiver-own": _x(
        403,
        "Kepala tidak dapat menangguhkan kuis untuk dirinya sendiri.",
        "A head cannot waive the quiz for themselves.",
        "Kerjakan kuisnya.",
        "Take the quiz.",
    ),
    "waiver-days": _x(
        409,
        "Penangguhan harus berakhir hari ini atau sesudahnya, paling lama 92 hari.",
        "A waiver ends today or later, within 92 days.",
        "Pilih hari terakhir yang lain.",
        "Choose another last day.",
    ),
}
