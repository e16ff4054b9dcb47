"""The refusal codes about a permit after it was issued: sanctions, papers, renewals."""

from typing import Final

from shared.explanation import NOTHING, RELOAD, Explanation

_x: Final = Explanation
PERMIT_REFUSALS: Final[dict[str, Explanation]] = {
    "no-permit": _x(
        409,
        "Permohonan ini tidak punya izin.",
        "This application has no permit.",
        "Periksa kode permohonan.",
        "Check the application's code.",
    ),
    "papers-absent": _x(
        503,
        "Di sini belum ada sertifikat untuk menandatangani dokumen.",
        "There is no certificate here to sign documents with.",
        "Hubungi pengelola sistem kota: JEJAK_CERTIFICATE_FILE menyebut berkasnya.",
        "Tell the city's operators: JEJAK_CERTIFICATE_FILE names its file.",
    ),
    "permit-over": _x(
        409, "Izin ini sudah tidak berlaku.", "This permit is no longer in force.", "Lihat riwayat izin.", "Look at the permit's history."
    ),
    "permit-suspended": _x(
        409,
        "Izin ini sudah dibekukan.",
        "This permit is already suspended.",
        "Berlakukan kembali, atau cabut setelah peringatan dijawab.",
        "Reinstate it, or revoke it once a warning has run out.",
    ),
    "permit-not-suspended": _x(409, "Izin ini tidak sedang dibekukan.", "This permit is not suspended.", *NOTHING),
    "not-warned": _x(
        409,
        "Pemegang izin belum diberi peringatan tertulis.",
        "The holder has not been warned in writing.",
        "Terbitkan surat peringatan lebih dahulu.",
        "Issue a warning first.",
    ),
    "warning-runs": _x(
        409,
        "Waktu menjawab surat peringatan terakhir belum habis.",
        "The holder still has days to answer the last warning.",
        "Tunggu sampai batas waktunya lewat.",
        "Wait until its date has passed.",
    ),
    "warnings-exhausted": _x(
        409,
        "Ketiga surat peringatan sudah terbit.",
        "All three warnings have been issued.",
        "Putuskan: cabut izin, atau biarkan berlaku.",
        "Decide: revoke the permit or let it stand.",
    ),
    "warning-level": _x(409, "Urutan surat peringatan salah.", "This is not the next warning.", *RELOAD),
    "transfer-forbidden": _x(
        409,
        "Izin jenis ini tidak dapat dialihkan kepada orang lain.",
        "A permit of this type cannot be transferred.",
        "Lihat dasar hukum yang disebut; calon pemegang mengajukan permohonan sendiri.",
        "See the legal basis that is named; the other person applies on their own.",
    ),
    "transfer-to-oneself": _x(409, "Anda sudah memegang izin ini.", "You hold this permit already.", *NOTHING),
    "transfer-runs": _x(
        409,
        "Balik nama izin ini sedang diproses.",
        "A transfer of this permit is being decided.",
        "Tunggu keputusan balik nama.",
        "Wait for the decision on the transfer.",
    ),
    "no-transfer": _x(409, "Tidak ada balik nama yang menunggu.", "No transfer is waiting for this.", *RELOAD),
    "renewal-not-offered": _x(
        409,
        "Izin ini tidak dapat diperpanjang.",
        "This permit cannot be renewed.",
        "Ajukan permohonan baru bila izin masih diperlukan.",
        "Apply anew if the permit is still needed.",
    ),
    "renewal-early": _x(
        409,
        "Masa perpanjangan belum dibuka.",
        "The days for a renewal have not begun.",
        "Ajukan mulai hari yang tertulis pada halaman izin.",
        "Ask from the day on that the permit's page tells.",
    ),
    "renewal-late": _x(
        409,
        "Izin sudah habis masa berlakunya, jadi tidak dapat diperpanjang.",
        "The permit has expired, so it cannot be renewed.",
        "Ajukan permohonan baru.",
        "Apply anew.",
    ),
    "renewal-runs": _x(
        409,
        "Perpanjangan izin ini sedang diproses.",
        "A renewal of this permit is being decided.",
        "Tunggu keputusan perpanjangan, atau putuskan perpanjangannya.",
        "Wait for the decision on the renewal, or decide on it.",
    ),
    "no-renewal": _x(409, "Tidak ada perpanjangan yang diajukan.", "No renewal was asked for.", *RELOAD),
    "fact-fixed": _x(
        409,
        "Keterangan ini tidak dapat diubah lewat perpanjangan.",
        "This fact cannot be changed by a renewal.",
        "Hapus keterangan itu, atau ajukan permohonan baru.",
        "Leave it out, or apply anew.",
    ),
}
