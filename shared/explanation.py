"""How a refusal code is answered: HTTP status, sentence and next step in both languages."""

from dataclasses import dataclass
from typing import Final

# Next steps that many refusals share, in both languages.
RELOAD: Final = ("Muat ulang berkas dan lihat langkah yang terbuka.", "Reload the application and look at its open steps.")
NOTHING: Final = ("Tidak perlu tindakan.", "Nothing needs to be done.")


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a code is answered: HTTP status, sentence and next step in both languages."""

    status: int
    sentence_id: str
    sentence_en: str
    next_id: str
    next_en: str
