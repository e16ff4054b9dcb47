"""The refusal codes about versions of SOPs: drafting, publishing, moving running applications."""

from typing import Final

from shared.explanation import Explanation
from shared.explanation import explained as _x

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
}
