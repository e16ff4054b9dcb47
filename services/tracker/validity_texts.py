"""The words of the page that says whether a permit is valid."""

from typing import Final

VALIDITY_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "validity_title": ("Keabsahan izin", "Validity of a permit"),
    "validity_type": ("Jenis izin", "Type of permit"),
    "validity_reasons": ("Alasan", "Reasons"),
    "validity_compare": (
        "Cocokkan nomor dan jenis izin ini dengan yang tertulis di dokumen. Nama pemegang tidak ditampilkan di sini.",
        "Compare number and type with what stands in the document. The holder's name is not shown here.",
    ),
    "validity_application": ("Perjalanan permohonan ini", "The course of this application"),
    "validity_json": ("Jawaban ini sebagai JSON", "This answer as JSON"),
    "validity_unknown": (
        "Periksa setiap huruf kode di dokumen. Jika kodenya sama, dokumen itu tidak berasal dari buku jejak kota.",
        "Check each letter of the code in the document. If it is the same, the document does not come from the city's ledger.",
    ),
    "offline_title": ("Memeriksa bukti tanpa kota", "Checking the proof without the city"),
    "offline_1": (
        "Buka PDF izin dan simpan lampirannya ({name}): catatan penerbitan dengan buktinya.",
        "Open the permit's PDF and save what is attached ({name}): the issuing entry with its proof.",
    ),
    "offline_2": (
        "Jalankan {command}: kunci publik kota cukup, tanpa jaringan.",
        "Run {command}: the city's public key is enough, no network.",
    ),
    "offline_3": (
        "Bukti itu berkata bahwa izin pernah terbit; apakah masih berlaku, hanya halaman ini yang berkata.",
        "The proof says that the permit was issued; whether it is still valid, this page alone says.",
    ),
}
