"""The refusals about an objection to an act, an appeal, and what may follow a granted one."""

from typing import Final

from shared.explanation import Explanation

_x: Final = Explanation
_RELOAD: Final = ("Muat ulang berkas dan lihat langkah yang terbuka.", "Reload the application and look at its open steps.")
_NOTHING: Final = ("Tidak perlu tindakan.", "Nothing needs to be done.")

OBJECTION_REFUSALS: Final[dict[str, Explanation]] = {
    "must-issue": _x(
        409,
        "Keberatan atau banding dikabulkan; alasan yang sama tidak boleh menolak lagi.",
        "An objection or appeal was granted, so it may not be refused again for what was overruled.",
        "Susun konsep izin.",
        "Draft the permit.",
    ),
    "nothing-to-object-to": _x(
        409,
        "Tidak ada penolakan, penutupan, pencabutan, atau pembatalan yang dapat diajukan keberatan.",
        "There is no refusal, closing, revocation or annulment to object to.",
        *_NOTHING,
    ),
    "other-act": _x(
        409,
        "Keputusan yang diajukan keberatan bukan keputusan yang terakhir.",
        "The act that is objected to is not the newest one.",
        *_RELOAD,
    ),
    "overruled-before": _x(
        409,
        "Keberatan atau banding dikabulkan; alasan yang sama tidak boleh mencabut atau membatalkan izin ini lagi.",
        "An objection or appeal was granted, so the same reasons may not revoke or annul this permit again.",
        "Sebutkan alasan lain, kalau ada.",
        "Name another reason, if there is one.",
    ),
    "objection-pending": _x(
        409,
        "Masih ada keberatan atau banding yang menunggu jawaban.",
        "An objection or appeal is waiting for its answer.",
        "Tunggu jawabannya, paling lama sepuluh hari kerja.",
        "Wait for the answer, at most ten working days.",
    ),
    "objection-too-late": _x(
        409,
        "Waktu untuk keberatan atau banding sudah lewat, atau bandingnya sudah diputus.",
        "The days to object or appeal are over, or the appeal is decided.",
        "Ajukan permohonan baru, atau gugatan ke Pengadilan Tata Usaha Negara.",
        "Apply anew, or go to the administrative court (PTUN).",
    ),
    "objection-answered": _x(
        409,
        "Keberatan atas keputusan ini sudah diajukan.",
        "An objection to this act was already lodged.",
        "Kalau keberatannya ditolak, ajukan banding.",
        "If it was rejected, lodge an appeal.",
    ),
    "objection-first": _x(
        409,
        "Banding hanya atas keberatan yang ditolak.",
        "Only a rejected objection can be appealed against.",
        "Ajukan keberatan lebih dahulu.",
        "Lodge an objection first.",
    ),
    "objection-possible": _x(
        409,
        "Keputusan ini masih dapat diajukan keberatan atau banding, yang dapat menariknya kembali.",
        "This act may still be objected to, which may take it back.",
        "Tunggu sampai keputusannya menjadi tetap.",
        "Wait until the act is settled.",
    ),
    "objection-number": _x(409, "Nomor keberatan tidak sesuai.", "The number of the objection does not follow.", *_RELOAD),
    "no-objection": _x(409, "Tidak ada keberatan atau banding seperti itu.", "There is no such objection or appeal to decide.", *_RELOAD),
    "involved": _x(
        403,
        "Siapa yang ikut menilai, memeriksa, menyusun, atau memutus berkas ini tidak boleh menyusun jawaban keberatannya.",
        "Whoever reviewed, visited, drafted or decided something here may not draft the answer to the objection.",
        "Minta pegawai lain menyusunnya; kalau tidak ada, minta kepala mengizinkan dengan alasan.",
        "Ask somebody else to draft it; if there is nobody, ask the head to allow it for a reason.",
    ),
    "not-involved": _x(
        409,
        "Pegawai ini tidak terlibat atau sudah diizinkan, jadi boleh langsung menyusun.",
        "This officer had no part, or is allowed already, and may draft without that.",
        *_NOTHING,
    ),
    "same-official": _x(
        403,
        "Siapa yang mengambil keputusan itu tidak boleh memutus bandingnya.",
        "Who did the act may not decide the appeal against it.",
        "Minta atasan lain memutusnya.",
        "Ask another superior to decide it.",
    ),
}
