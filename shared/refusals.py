"""Every refusal code with its sentence and what to do next, in Indonesian and English: one catalogue for doors, ledger, pages and tests."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared.explanation import NOTHING, RELOAD, Explanation
from shared.refusals_of_filing import FILING_REFUSALS
from shared.refusals_of_keys import KEY_REFUSALS
from shared.refusals_of_money import MONEY_REFUSALS
from shared.refusals_of_objections import OBJECTION_REFUSALS
from shared.refusals_of_permits import PERMIT_REFUSALS
from shared.refusals_of_sops import SOP_REFUSALS


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A refused command: the code from the catalogue and, where it helps, which field, step or value it is about (never personal data).

    `findings` are told to the caller with it, where a whole text was checked.
    """

    def __init__(self, code: str, about: str = "", findings: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(code, about)
        self.code = code
        self.about = about
        self.findings = tuple(findings)


_x: Final = Explanation
_RELOAD: Final = RELOAD
_NOTHING: Final = NOTHING
_OPERATOR: Final = ("Hubungi pengelola sistem kota.", "Tell the city's operators.")
_FIX: Final = ("Perbaiki isian lalu kirim lagi.", "Mend the input and send it again.")

REFUSALS: Final[dict[str, Explanation]] = {
    # the request
    "malformed": _x(422, "Isian tidak dapat dibaca.", "The request cannot be read.", *_FIX),
    "body-too-large": _x(413, "Kiriman terlalu besar.", "The request is too large.", "Kirim paling banyak 1 MiB.", "Send at most 1 MiB."),
    "not-signed-in": _x(401, "Anda belum masuk.", "You are not signed in.", "Kirim token yang berlaku.", "Send a valid bearer token."),
    "not-allowed": _x(
        403,
        "Peran Anda tidak boleh melakukan ini.",
        "Your role may not do this.",
        "Minta petugas yang berwenang.",
        "Ask an officer who may.",
    ),
    "not-found": _x(404, "Tidak ditemukan.", "There is no such thing here.", "Periksa alamat atau kode.", "Check the address or the code."),
    "unknown-code": _x(
        404,
        "Kode permohonan tidak dikenal.",
        "No application has this code.",
        "Periksa kembali kode pada tanda terima.",
        "Check the code on the receipt.",
    ),
    "mistyped-code": _x(
        404, "Kode salah ketik.", "The code is mistyped.", "Periksa kembali kode pada tanda terima.", "Check the code on the receipt."
    ),
    "idempotency-key-missing": _x(
        400,
        "Kunci idempotensi tidak ada.",
        "The Idempotency-Key header is missing.",
        "Sertakan kunci baru untuk tiap perintah.",
        "Send a fresh key with every command.",
    ),
    "idempotency-key-reused": _x(
        409, "Kunci yang sama dipakai untuk isi lain.", "The same key was used with another body.", "Pakai kunci baru.", "Use a new key."
    ),
    "held": _x(
        409,
        "Berkas ini ditahan karena ada catatan yang tidak terbaca.",
        "This application is held because of a record that could not be read.",
        *_OPERATOR,
    ),
    "not-ready": _x(503, "Layanan belum siap.", "The service is not ready.", "Coba lagi sebentar.", "Try again in a moment."),
    "not-yet-signed": _x(
        503,
        "Catatan ini belum tercakup oleh tanda tangan buku jejak.",
        "No signature of the ledger covers this entry yet.",
        "Coba lagi beberapa detik lagi.",
        "Try again in a few seconds.",
    ),
    "log-absent": _x(
        503,
        "Buku jejak ini sedang tidak dapat memberi bukti.",
        "This ledger cannot give proofs now.",
        "Hubungi pengelola sistem kota; sebabnya ada di /readyz buku jejak.",
        "Tell the city's operators; the ledger's /readyz says why.",
    ),
    "ledger-unreachable": _x(
        503,
        "Berkas ini tidak ada di layanan ini, dan buku jejak sedang tidak dapat ditanya.",
        "This application is not kept here, and the ledger cannot be asked for it now.",
        "Coba lagi sebentar.",
        "Try again in a moment.",
    ),
    "internal": _x(
        500,
        "Terjadi kesalahan di sisi kami; kiriman Anda tidak disimpan.",
        "Something went wrong on our side; nothing was stored.",
        "Coba lagi dengan kunci yang sama.",
        "Try again with the same key.",
    ),
    # submitting
    "unknown-permit-type": _x(
        409,
        "Jenis izin tidak dikenal.",
        "There is no such permit type.",
        "Pilih jenis izin dari katalog.",
        "Choose a permit type from the catalogue.",
    ),
    "unknown-sop": _x(
        409,
        "Versi SOP belum terbit.",
        "This version of the SOP is not published.",
        "Pakai versi yang berlaku.",
        "Use the version in force.",
    ),
    "sop-not-in-force": _x(
        409,
        "Versi SOP ini tidak berlaku pada hari ini.",
        "This version of the SOP is not in force today.",
        "Pakai versi yang berlaku.",
        "Use the version in force.",
    ),
    "requirement-missing": _x(
        409,
        "Persyaratan belum lengkap.",
        "A requirement is missing.",
        "Lengkapi persyaratan lalu kirim lagi.",
        "Add the requirement and send again.",
    ),
    "requirement-unknown": _x(
        409,
        "Persyaratan tidak diminta oleh SOP ini.",
        "The SOP does not ask for this requirement.",
        "Hapus persyaratan itu.",
        "Leave that requirement out.",
    ),
    "requirement-looked-up": _x(
        409,
        "Persyaratan ini dicari sendiri oleh kota, tidak diminta dari pemohon.",
        "The city looks this requirement up itself; it is not asked of the applicant.",
        "Hapus persyaratan itu; bila datanya salah, minta penerbitnya memperbaiki.",
        "Leave it out; if what is registered is wrong, ask its issuer to put it right.",
    ),
    "fact-missing": _x(409, "Keterangan wajib belum diisi.", "A declared fact is missing.", *_FIX),
    "fact-unknown": _x(409, "Keterangan tidak dikenal oleh SOP ini.", "The SOP knows no such fact.", *_FIX),
    "fact-invalid": _x(409, "Nilai keterangan tidak sesuai jenisnya.", "The value of a fact has the wrong kind or bound.", *_FIX),
    "nik-invalid": _x(422, "NIK harus 16 angka.", "A NIK has 16 digits.", "Periksa NIK pada KTP.", "Check the NIK on the identity card."),
    "already-submitted": _x(409, "Permohonan ini sudah diajukan.", "This application was already submitted.", *_NOTHING),
    # order in the ledger
    "follows-a-refusal": _x(
        409, "Keputusan ini mengikuti keputusan lain yang ditolak.", "This decision follows another one that was refused.", *_RELOAD
    ),
    "basis-unknown": _x(
        409, "Keputusan mengacu pada urutan yang belum ada.", "The decision refers to a sequence that does not exist yet.", *_OPERATOR
    ),
    "stale": _x(409, "Berkas berubah setelah Anda membukanya.", "What you judged has changed since you opened it.", *_RELOAD),
    **PERMIT_REFUSALS,
    # places that are counted
    "quota-full": _x(
        409,
        "Kuota sudah penuh; permohonan menunggu giliran.",
        "Every place of the pool is taken; the application waits in its queue.",
        "Tidak perlu berbuat apa-apa: tempat diberikan menurut urutan buku jejak.",
        "Nothing to do: places are given in the ledger's order.",
    ),
    "quota-open": _x(
        409, "Kuota ini sudah dibuka.", "This pool is already open.", "Ubah jumlah tempatnya.", "Change its number of places."
    ),
    "quota-unknown": _x(
        409,
        "Kuota ini belum dibuka.",
        "There is no such pool of places.",
        "Minta kepala instansi pemiliknya membuka kuota.",
        "Ask the head of the agency that owns it to open it.",
    ),
    "quota-in-use": _x(
        409,
        "Tempat yang sudah dipesan lebih banyak dari jumlah itu.",
        "More places than that are reserved already.",
        "Tunggu sampai tempat dilepas, atau pilih jumlah yang lebih besar.",
        "Wait until places come free, or choose a larger number.",
    ),
    "quota-held": _x(409, "Permohonan ini sudah memegang tempatnya.", "The application has its places already.", *_NOTHING),
    "quota-not-held": _x(409, "Permohonan ini tidak memegang tempat dalam kuota.", "The application has no such places.", *_RELOAD),
    "legal-basis-unknown": _x(
        422,
        "Dasar hukum ini tidak tercantum dalam SOP jenis izinnya.",
        "This legal basis is none of the permit type's SOP.",
        "Pilih dasar hukum dari SOP.",
        "Choose one of the SOP's legal bases.",
    ),
    "already-issued": _x(
        409,
        "Izin sudah terbit.",
        "The permit is already issued.",
        "Ajukan pencabutan izin bila tidak lagi diperlukan.",
        "Ask to surrender the permit if it is no longer wanted.",
    ),
    "already-deemed-granted": _x(
        409,
        "Permohonan sudah dianggap dikabulkan.",
        "The application is already deemed granted.",
        "Lihat izin pada halaman permohonan.",
        "See the permit on the application's page.",
    ),
    "already-refused": _x(
        409,
        "Permohonan sudah ditolak.",
        "The application is already refused.",
        "Ajukan keberatan atau permohonan baru.",
        "Lodge an objection or apply anew.",
    ),
    "already-withdrawn": _x(
        409, "Permohonan sudah ditarik.", "The application is already withdrawn.", "Ajukan permohonan baru.", "Apply anew."
    ),
    "already-closed": _x(409, "Permohonan sudah ditutup.", "The application is already closed.", "Ajukan permohonan baru.", "Apply anew."),
    "step-unknown": _x(409, "SOP ini tidak memiliki langkah itu.", "The SOP has no such step.", *_RELOAD),
    "step-not-ready": _x(409, "Langkah ini belum terbuka.", "This step is not open yet.", *_RELOAD),
    "step-done": _x(409, "Langkah ini sudah selesai.", "This step is already done.", *_NOTHING),
    "wrong-step": _x(409, "Perintah ini bukan untuk langkah itu.", "This command does not belong to that step.", *_RELOAD),
    "wrong-agency": _x(
        403,
        "Langkah ini milik instansi lain.",
        "The step belongs to another agency.",
        "Serahkan kepada instansi yang berwenang.",
        "Leave it to the agency in charge.",
    ),
    "wrong-round": _x(409, "Putaran penilaian sudah berganti.", "The round of review has changed.", *_RELOAD),
    "findings-missing": _x(409, "Temuan belum diisi.", "The findings are missing.", *_FIX),
    "reasons-missing": _x(409, "Alasan belum diisi.", "The reasons are missing.", *_FIX),
    "not-read": _x(409, "Langkah ini tidak menilai persyaratan itu.", "This step does not read that requirement.", *_FIX),
    "correction-open": _x(409, "Permintaan perbaikan masih terbuka.", "A request for correction is still open.", *_NOTHING),
    "no-correction-open": _x(409, "Tidak ada perbaikan yang diminta.", "No correction is asked for.", *_RELOAD),
    "not-asked-for": _x(409, "Hanya yang diminta boleh diperbaiki.", "Only what was asked for may be corrected.", *_FIX),
    "correction-incomplete": _x(409, "Masih ada perbaikan yang belum diisi.", "Something that was asked for is still missing.", *_FIX),
    "findings-differ": _x(
        409, "Daftar perbaikan tidak sama dengan temuan penilai.", "The list differs from what the reviewers found.", *_RELOAD
    ),
    "visit-pending": _x(409, "Sudah ada jadwal pemeriksaan.", "A visit is already scheduled.", *_RELOAD),
    "wrong-visit": _x(409, "Nomor pemeriksaan tidak sesuai.", "There is no such visit to do this with.", *_RELOAD),
    "sender-not-registered": _x(
        409,
        "Pengirim itu tidak terdaftar.",
        "No such sender is registered.",
        "Lihat daftar pengirim: jejak senders list.",
        "See `jejak senders list`.",
    ),
    "sender-not-revoked": _x(
        409,
        "Pengirim itu tidak sedang dicabut.",
        "That sender is not revoked.",
        "Lihat daftar pengirim: jejak senders list.",
        "See `jejak senders list`.",
    ),
    "date-unchanged": _x(409, "Pemeriksaan sudah dijadwalkan pada tanggal itu.", "The visit has that date already.", *_FIX),
    "agencies-differ": _x(
        409, "Pemeriksaan bersama harus diikuti semua instansi langkah ini.", "A joint visit includes every agency of the step.", *_FIX
    ),
    "amount-differs": _x(409, "Jumlah tidak sesuai tarif SOP.", "The amount differs from the SOP's tariff.", *_FIX),
    "charge-number-taken": _x(409, "Nomor ketetapan sudah dipakai.", "The charge's number is already used.", *_FIX),
    "charge-unknown": _x(409, "Nomor ketetapan tidak dikenal pada berkas ini.", "This application has no such charge.", *_FIX),
    "receipt-known": _x(409, "Bukti setor ini sudah dicatat.", "This receipt is already recorded.", *_NOTHING),
    "draft-pending": _x(409, "Sudah ada konsep keputusan.", "A draft is already waiting for its signer.", *_RELOAD),
    "no-draft": _x(409, "Belum ada konsep keputusan.", "There is no draft to sign.", *_RELOAD),
    "draft-differs": _x(409, "Keputusan berbeda dari konsepnya.", "The decision differs from its draft.", *_RELOAD),
    "same-officer": _x(
        403,
        "Penyusun konsep tidak boleh menandatangani.",
        "Who drafted may not sign.",
        "Minta pejabat lain menandatangani.",
        "Ask another officer to sign.",
    ),
    "must-refuse": _x(
        409,
        "Ada penilaian yang menolak; izin tidak dapat terbit.",
        "A review rejected it, so no permit can be issued.",
        "Terbitkan penolakan.",
        "Issue the refusal.",
    ),
    "nothing-to-close": _x(409, "Belum ada batas waktu pemohon yang lewat.", "No date of the applicant's has passed.", *_NOTHING),
    "not-by-rule": _x(409, "Langkah ini dikerjakan petugas, bukan aturan.", "This step is done by a person, not by rule.", *_OPERATOR),
    "not-by-hand": _x(409, "Langkah ini dikerjakan oleh aturan.", "This step is done by rule, not by a person.", *_NOTHING),
    "not-yours": _x(
        403, "Permohonan ini bukan milik Anda.", "This application is not yours.", "Masuk sebagai pemohonnya.", "Sign in as its applicant."
    ),
    "deadline-not-passed": _x(409, "Batas waktu belum lewat.", "The deadline has not passed.", *_NOTHING),
    # officers
    "conflict-declared": _x(
        403,
        "Anda menyatakan benturan kepentingan pada permohonan ini.",
        "You have declared a conflict of interest in this application.",
        "Serahkan kepada petugas lain. Pengganti kepala ditunjuk atasannya atau pemilik aturan (POST /v1/acting di katalog), dan diganti lagi bila"
        " ia pun berbenturan.",
        "Leave it to another officer. For a head, the superior or the owner of the city's rules appoints another official (POST /v1/acting at the"
        " catalogue), and again if that one has a conflict too.",
    ),
    "officer-in-conflict": _x(
        409,
        "Petugas itu menyatakan benturan kepentingan pada permohonan ini.",
        "That officer has declared a conflict of interest in this application.",
        "Tunjuk petugas lain.",
        "Name another officer.",
    ),
    "assigned-to-another": _x(
        403,
        "Langkah ini ditugaskan kepada petugas lain.",
        "This step is assigned to another officer.",
        "Minta kepala atau ketua tim mengganti petugasnya.",
        "Ask the head or the team leader to hand it over.",
    ),
    "already-assigned": _x(
        409,
        "Langkah ini sudah punya petugas itu atau petugas lain.",
        "This step already has an officer.",
        "Pakai penggantian petugas dengan alasannya.",
        "Hand it over to another officer, with a reason.",
    ),
    "not-assigned": _x(
        409, "Langkah ini belum punya petugas.", "This step has no officer yet.", "Tunjuk petugas lebih dahulu.", "Assign an officer first."
    ),
    "not-acting": _x(
        403,
        "Instansi ini tidak punya pelaksana tugas pada hari itu.",
        "The agency had no acting official on that day.",
        "Minta kepala instansi, atau catat surat penunjukannya.",
        "Ask the head, or have the appointment recorded.",
    ),
    "acting-days": _x(409, "Penunjukan berakhir sebelum mulai.", "The appointment ends before it begins.", *_FIX),
    "already-accepted": _x(
        409,
        "Persyaratan ini sudah diterima pada putaran sebelumnya dan tidak berubah.",
        "This requirement was accepted in an earlier round and has not changed.",
        "Minta kepala mencatat alasan penilaian ulang.",
        "Ask the head to record why it is looked at again.",
    ),
    "not-accepted-yet": _x(409, "Persyaratan ini belum pernah diterima.", "This requirement has not been accepted yet.", *_NOTHING),
    "recheck-known": _x(409, "Penilaian ulang ini sudah diizinkan.", "This second look is already allowed.", *_NOTHING),
    "reason-unknown": _x(
        422,
        "Alasan ini tidak ada dalam daftar.",
        "This reason is not on the list.",
        "Pilih salah satu kode alasan dari daftar.",
        "Choose one of the reason codes of the list.",
    ),
    # arranging a visit
    "no-offer": _x(409, "Tidak ada pilihan hari yang menunggu jawaban.", "No days are waiting to be chosen from.", *_RELOAD),
    "slot-not-offered": _x(
        409,
        "Hari itu tidak ditawarkan.",
        "That day was not offered.",
        "Pilih salah satu hari yang ditawarkan.",
        "Choose one of the days that were offered.",
    ),
    "slots-equal": _x(409, "Hari yang sama ditawarkan dua kali.", "The same day is offered twice.", *_FIX),
    "already-drawn": _x(409, "Petugas pemeriksaan ini sudah diundi.", "The inspectors of this visit are already drawn.", *_NOTHING),
    "pool-too-small": _x(
        409,
        "Calon petugas terlalu sedikit untuk diundi.",
        "There are too few candidates to draw from.",
        "Tambah calon yang belum menangani berkas ini.",
        "Add candidates who have not worked on this application.",
    ),
    "inspector-involved": _x(
        409,
        "Petugas itu sudah menilai permohonan ini.",
        "That inspector has already judged this application.",
        "Undi dari calon lain.",
        "Draw from other candidates.",
    ),
    # lateness
    "breach-unknown": _x(
        409,
        "Tidak ada keterlambatan seperti itu.",
        "There is no such missed deadline.",
        "Periksa langkah, putaran, dan instansi.",
        "Check step, round and agency.",
    ),
    "contest-too-late": _x(
        409,
        "Waktu menyanggah sudah lewat dan pelanggaran sudah diumumkan.",
        "The days to contest are over and the breach is published.",
        *_NOTHING,
    ),
    "breach-contested": _x(409, "Keterlambatan ini sudah disanggah.", "This missed deadline was already contested.", *_NOTHING),
    "breach-not-contested": _x(409, "Keterlambatan ini tidak sedang disanggah.", "This missed deadline is not under dispute.", *_NOTHING),
    "decree-known": _x(409, "Keputusan dengan nomor ini sudah dicatat.", "A decree of this number is already recorded.", *_NOTHING),
    "decree-unknown": _x(
        409,
        "Tidak ada keputusan dengan nomor ini.",
        "There is no decree of this number.",
        "Periksa nomor keputusan.",
        "Check the number of the decree.",
    ),
    "decree-day": _x(409, "Hari terakhir tidak sesuai dengan keputusannya.", "The last day does not fit the decree.", *_FIX),
    # personal data after the end
    "still-open": _x(
        409,
        "Permohonan masih berjalan, jadi data pribadinya masih diperlukan.",
        "The application is still open, so its personal data is still needed.",
        "Tunggu keputusan, penarikan atau penutupan permohonan.",
        "Wait until the application is decided, withdrawn or closed.",
    ),
    "permit-in-force": _x(
        409,
        "Izin masih berlaku, jadi data pribadinya disimpan.",
        "The permit is in force, so its personal data is kept.",
        "Ajukan lagi mulai hari kedua setelah masa berlaku izin berakhir.",
        "Ask again from the second day after the permit's last day.",
    ),
    "legal-hold": _x(
        409,
        "Penghapusan data ditangguhkan atas permintaan pihak yang berwenang.",
        "The data is under a legal hold.",
        "Cabut dulu semua penangguhan setelah pihak yang memintanya menyatakan selesai.",
        "Lift every hold first, once whoever demanded it says that it is over.",
    ),
    "hold-known": _x(409, "Surat penangguhan ini sudah dicatat.", "This hold is already recorded.", *_NOTHING),
    "hold-unknown": _x(
        409,
        "Tidak ada penangguhan dengan nomor surat itu.",
        "There is no hold under this letter's number.",
        "Periksa nomor surat penangguhan.",
        "Check the number of the letter.",
    ),
    "already-forgotten": _x(
        410,
        "Data pribadi permohonan ini sudah dihapus.",
        "The personal data of this application is erased.",
        "Riwayatnya tetap ada di buku jejak, tanpa data pribadi.",
        "Its history remains in the ledger, without personal data.",
    ),
    # the city's rules
    "sop-version-taken": _x(
        409,
        "Versi SOP ini sudah terbit.",
        "This version of the SOP is already published.",
        "Naikkan nomor versi.",
        "Raise the version number.",
    ),
    "sop-invalid": _x(
        409,
        "Isi SOP tidak sah.",
        "The content of the SOP is not valid.",
        "Perbaiki bagian yang disebut lalu terbitkan lagi.",
        "Mend the part that is named and publish it again.",
    ),
    **SOP_REFUSALS,
    **FILING_REFUSALS,
    **MONEY_REFUSALS,
    **OBJECTION_REFUSALS,
    **KEY_REFUSALS,
    "contract-lower": _x(409, "Nomor kontrak tidak boleh turun.", "A contract number never goes down.", *_OPERATOR),
    # what the ledger rejects: a dead letter, no entry
    "too-large": _x(422, "Peristiwa terlalu besar.", "The event is too large.", *_OPERATOR),
    "not-json": _x(422, "Bukan JSON.", "Not JSON.", *_OPERATOR),
    "not-canonical": _x(422, "Bukan bentuk kanonik RFC 8785.", "Not in the canonical form of RFC 8785.", *_OPERATOR),
    "unknown-event-type": _x(422, "Jenis peristiwa tidak dikenal.", "Unknown type of event.", *_OPERATOR),
    "unknown-event-version": _x(
        422, "Versi peristiwa belum dikenal.", "Unknown version of an event.", "Perbarui layanan ini.", "Update this service."
    ),
    "invalid-event": _x(422, "Isi peristiwa tidak sah.", "The event's content is not valid.", *_OPERATOR),
    "wrong-event-id": _x(422, "Nomor peristiwa tidak sesuai.", "The event's id does not match its subject and source.", *_OPERATOR),
    "wrong-topic": _x(403, "Peristiwa datang lewat topik pengirim lain.", "The event came over another sender's topic.", *_OPERATOR),
    "unknown-sender": _x(403, "Pengirim tidak terdaftar.", "The sender is not registered.", *_OPERATOR),
    "wrong-stage": _x(403, "Pengirim tidak boleh menyatakan peristiwa ini.", "The sender may not say this event.", *_OPERATOR),
    "wrong-city": _x(403, "Peristiwa milik kota lain.", "The event belongs to another city.", *_OPERATOR),
    "unknown-subject": _x(404, "Subjek belum ada di buku jejak.", "The ledger does not know the subject.", *_OPERATOR),
    "number-taken": _x(409, "Nomor pengirim sudah dipakai untuk isi lain.", "The sender's number is used with other bytes.", *_OPERATOR),
    "contract-not-raised": _x(
        409, "Versi peristiwa ini belum dibuka oleh buku jejak.", "The ledger has not raised its contract to this version yet.", *_OPERATOR
    ),
    "clock-far-off": _x(
        422, "Jam pengirim terlalu jauh menyimpang.", "The sender's clock is far off.", "Samakan jam server.", "Set the server's clock."
    ),
    "not-an-entry": _x(422, "Bukan catatan buku jejak.", "Not an entry of the ledger.", *_OPERATOR),
    "sequence-broken": _x(422, "Urutan catatan terputus.", "The entry's sequence does not follow.", *_OPERATOR),
}


def explain(code: str, language: str = "id") -> tuple[str, str]:
    """Returns the sentence and the next step of a code in `id` or `en`."""
    known = REFUSALS[code]
    return (known.sentence_en, known.next_en) if language == "en" else (known.sentence_id, known.next_id)
