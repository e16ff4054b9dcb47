"""The refusals about the keys that seal what senders say: what the ledger rejects, and what people may not decide about keys."""

from typing import Final

from shared.explanation import Explanation

_x: Final = Explanation
_RENEW: Final = (
    "Daftarkan kunci baru (jejak senders new-key), lalu minta orang kedua mengesahkannya.",
    "Register a new key (jejak senders new-key), then have a second person confirm it.",
)
_OPERATOR: Final = (
    "Hubungi pengelola sistem kota: mungkin ada yang memakai akses pengirim ini.",
    "Tell the city's operators: somebody else may be using this sender's access.",
)
_LIST: Final = ("Lihat daftar kunci: jejak senders list.", "Look at the list of keys: jejak senders list.")

KEY_REFUSALS: Final[dict[str, Explanation]] = {
    # what the ledger rejects: a dead letter, no entry
    "not-sealed": _x(
        403,
        "Pengirim ini wajib menyegel, tetapi peristiwanya tanpa segel.",
        "This sender must seal, and the event has no seal.",
        *_OPERATOR,
    ),
    "malformed-seal": _x(422, "Segel tidak terbaca.", "The seal cannot be read.", *_OPERATOR),
    "unknown-key": _x(403, "Segel dibuat dengan kunci yang tidak terdaftar.", "The seal is of a key that is not registered.", *_OPERATOR),
    "wrong-seal": _x(403, "Segel tidak cocok dengan isi peristiwa.", "The seal is not of these bytes.", *_OPERATOR),
    "key-expired": _x(403, "Masa berlaku kunci pengirim sudah habis.", "The sender's key has expired.", *_RENEW),
    "key-revoked": _x(403, "Kunci pengirim sudah dicabut.", "The sender's key was revoked.", *_RENEW),
    # what people may not decide
    "key-known": _x(409, "Kunci ini sudah pernah didaftarkan.", "This key was registered before.", *_LIST),
    "key-unknown": _x(
        409, "Pengirim ini tidak punya kunci itu, atau kuncinya sudah dicabut.", "The sender has no such key, or it is revoked.", *_LIST
    ),
    "key-not-proposed": _x(409, "Perubahan kunci ini tidak sedang diusulkan.", "This change of a key is not proposed.", *_LIST),
    "key-same-person": _x(
        403,
        "Yang mengusulkan perubahan kunci tidak boleh mengesahkannya sendiri.",
        "Who proposes a change of a key may not confirm it.",
        "Minta orang lain mengesahkannya.",
        "Have somebody else confirm it.",
    ),
}
