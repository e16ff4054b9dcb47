"""The refusal codes about money: payment codes, the gateway's notices, suspense, refunds and the comparison of a day."""

from typing import Final

from shared.explanation import Explanation

_x: Final = Explanation
_NOTHING: Final = ("Tidak perlu tindakan.", "Nothing needs to be done.")
MONEY_REFUSALS: Final[dict[str, Explanation]] = {
    "code-known": _x(409, "Ketetapan ini sudah punya kode bayar.", "This charge has its payment code already.", *_NOTHING),
    "nothing-to-pay": _x(409, "Ketetapan ini sudah lunas.", "Nothing is left to pay on this charge.", *_NOTHING),
    "no-refund-owed": _x(
        409,
        "Tidak ada pengembalian yang terutang untuk bukti setor ini.",
        "No refund is owed for this receipt.",
        "Lihat daftar pengembalian: GET /v1/tasks.",
        "See the refunds that are owed: GET /v1/tasks.",
    ),
    "refusal-not-settled": _x(
        409,
        "Penolakannya masih dapat dilawan; pengembalian menunggu sampai selesai.",
        "The refusal can still be objected to; its refund waits until that is settled.",
        "Bayar setelah masa keberatan dan banding berakhir.",
        "Pay it once the days to object and appeal are over.",
    ),
    "no-deposit-held": _x(
        409,
        "Tidak ada jaminan yang ditahan dengan nomor ini.",
        "No deposit is held under this number.",
        "Muat ulang berkas dan lihat jaminannya.",
        "Reload the application and look at its deposits.",
    ),
    "permit-lives": _x(
        409,
        "Izinnya masih berlaku; jaminan ditahan sampai izin berakhir.",
        "The permit still lives; its deposit is held until it ends.",
        "Tunggu sampai izin berakhir, dicabut, atau dikembalikan.",
        "Wait until the permit has expired, was revoked or was given back.",
    ),
    "not-a-reduction": _x(
        409,
        "Jumlah baru tidak lebih kecil dari ketetapan.",
        "The new amount is not below the charge.",
        "Tulis jumlah setelah keringanan; 0 untuk pembebasan.",
        "Give the amount after the reduction; 0 for an exemption.",
    ),
    "day-not-over": _x(
        409,
        "Hari itu belum berakhir.",
        "That day is not over yet.",
        "Cocokkan besok, setelah bank menutup harinya.",
        "Compare it tomorrow, once the bank has closed it.",
    ),
    "signature-wrong": _x(
        401,
        "Tanda tangan pemberitahuan tidak cocok.",
        "The signature of the notice does not fit.",
        "Tandatangani cap waktu dan isi dengan kunci bersama.",
        "Sign time and body with the shared key.",
    ),
    "notice-too-old": _x(
        401,
        "Cap waktu pemberitahuan terlalu jauh dari sekarang.",
        "The time of the notice is too far from now.",
        "Kirim lagi dengan cap waktu dan tanda tangan baru.",
        "Send it again with a new time and signature.",
    ),
    "gateway-absent": _x(
        409,
        "Gerbang pembayaran belum diatur pada layanan ini.",
        "No payment gateway is set up for this service.",
        "Isi JEJAK_GATEWAY_URL dan JEJAK_GATEWAY_KEY_FILE, atau catat setoran dengan confirm-payment.",
        "Set JEJAK_GATEWAY_URL and JEJAK_GATEWAY_KEY_FILE, or record payments with confirm-payment.",
    ),
    "gateway-down": _x(
        503,
        "Gerbang pembayaran tidak menjawab.",
        "The payment gateway does not answer.",
        "Coba lagi, atau kirim rekening korannya sendiri.",
        "Try again, or send its statement yourself.",
    ),
    "statement-unreadable": _x(
        422,
        "Baris rekening koran tidak dapat dibaca.",
        "A line of the statement cannot be read.",
        "Perbaiki baris yang disebut; kepala kolomnya: receipt,charge,amount_rupiah,paid_on,channel.",
        "Mend the line that is named; the columns are receipt,charge,amount_rupiah,paid_on,channel.",
    ),
    "notice-unknown": _x(
        404,
        "Pemberitahuan itu tidak ada.",
        "There is no such notice.",
        "Lihat daftar titipan: GET /v1/suspense.",
        "See the list of suspense: GET /v1/suspense.",
    ),
    "notice-settled": _x(409, "Pemberitahuan itu sudah diselesaikan.", "That notice is settled already.", *_NOTHING),
    "receipt-differs": _x(
        409,
        "Bukti setor yang sama pernah datang dengan jumlah atau ketetapan lain.",
        "The same receipt came before with another amount or charge.",
        "Tanyakan kepada bank mana yang benar, lalu bukukan atau kembalikan.",
        "Ask the bank which one is right, then assign it or return it.",
    ),
}
