"""The refusal codes about who files and acts for whom, and about what national systems have said."""

from typing import Final

from shared.explanation import Explanation

_x: Final = Explanation
FILING_REFUSALS: Final[dict[str, Explanation]] = {
    "not-of-this-system": _x(
        409,
        "Jenis izin ini bukan milik sistem nasional tersebut.",
        "Permits of this type are not that national system's.",
        "Periksa kode permohonan dan sistemnya.",
        "Check the application's code and the system.",
    ),
    "not-your-system": _x(
        403,
        "Sambungan ini tidak berbicara untuk sistem nasional tersebut.",
        "This link does not speak for that national system.",
        "Pakai token yang menyebut sistem itu.",
        "Use a token that names that system.",
    ),
    "already-mirrored": _x(
        409, "Status ini sudah dicatat.", "This status is recorded already.", "Tidak perlu tindakan.", "Nothing needs to be done."
    ),
    "national-in-future": _x(
        422,
        "Status nasional ini bertanggal sesudah hari ini.",
        "This national status has a day that is still to come.",
        "Periksa waktunya.",
        "Check its time.",
    ),
    "field-missing": _x(
        422, "Isian wajib belum diisi.", "A field that has to be filled in is not.", "Isi lalu kirim lagi.", "Fill it in and send again."
    ),
    "unknown-draft": _x(
        404,
        "Simpanan permohonan ini tidak ada: sudah diajukan, dihapus, atau bukan milik Anda.",
        "There is no such saved application: it was submitted or erased, or it is not yours.",
        "Lihat daftar simpanan Anda.",
        "Look at the list of your own.",
    ),
    "draft-changed": _x(
        412,
        "Simpanan ini sudah diubah sejak Anda membukanya.",
        "This saved application has been changed since you opened it.",
        "Buka lagi, lalu ulangi perubahan Anda.",
        "Open it again and repeat what you have changed.",
    ),
    "version-missing": _x(
        428,
        "Versi simpanan yang Anda baca tidak disebut.",
        "It is not said which version of the saved application you have read.",
        "Sertakan ETag-nya sebagai If-Match.",
        "Send its ETag as If-Match.",
    ),
    "too-many-drafts": _x(
        409,
        "Simpanan permohonan Anda sudah terlalu banyak.",
        "You have as many saved applications as one may have.",
        "Ajukan atau hapus salah satunya.",
        "Submit or delete one of them.",
    ),
    "filing-incomplete": _x(
        422,
        "Tidak jelas siapa mengajukan untuk siapa.",
        "It is not clear who files for whom.",
        "Sebutkan pemohon, dan surat kuasa dengan masa berlakunya atau persetujuan pemohon.",
        "Name the applicant, and the power of attorney with its last day or the applicant's consent.",
    ),
    "filed-for-oneself": _x(
        422,
        "Pemohon dan yang mengajukan untuknya adalah orang yang sama.",
        "The applicant and whoever files for them are the same person.",
        "Ajukan sebagai pemohon.",
        "File as the applicant.",
    ),
    "power-expired": _x(
        409,
        "Masa berlaku surat kuasa sudah habis.",
        "The power of attorney has run out.",
        "Pemohon bertindak sendiri.",
        "The applicant acts in person.",
    ),
    "power-ended": _x(
        409,
        "Surat kuasa ini sudah berakhir.",
        "This power of attorney has ended.",
        "Pemohon bertindak sendiri.",
        "The applicant acts in person.",
    ),
    "power-to-oneself": _x(
        422,
        "Pemohon tidak dapat menjadi kuasanya sendiri.",
        "The applicant cannot be their own attorney in fact.",
        "Bertindaklah sebagai pemohon.",
        "Act as the applicant.",
    ),
    "attorney-of-the-office": _x(
        409,
        "Orang ini sudah bekerja sebagai petugas pada permohonan ini.",
        "This person has worked on this application as an officer.",
        "Tunjuk orang lain.",
        "Appoint somebody else.",
    ),
    "too-many-powers": _x(
        409,
        "Kuasa permohonan ini sudah terlalu sering diganti.",
        "The attorney of this application has been replaced too often.",
        "Pemohon bertindak sendiri.",
        "The applicant acts in person.",
    ),
    "no-representation": _x(
        409,
        "Permohonan ini tidak mempunyai kuasa.",
        "This application has no attorney in fact.",
        "Tidak perlu tindakan.",
        "Nothing needs to be done.",
    ),
    "own-application": _x(
        403,
        "Anda pemohon, kuasanya, atau petugas loket yang mengajukan permohonan ini.",
        "You are its applicant, the attorney in fact, or the counter's assistant who filed it.",
        "Serahkan kepada petugas lain.",
        "Leave it to another officer.",
    ),
}
