"""Words that every page of the city shares, each in Indonesian and English, side by side so that none can be missing."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "city": ("Kota Palangka Raya", "City of Palangka Raya"),
    "skip": ("Langsung ke isi", "Skip to the content"),
    "language": ("Bahasa", "Language"),
    "help_title": ("Butuh bantuan?", "Need help?"),
    "help_text": (
        "Datang ke loket DPMPTSP dan sebutkan kode permohonan. Tidak ada biaya di luar yang tertulis di sini.",
        "Come to the DPMPTSP counter and give the application's code. There is no charge beyond what is written here.",
    ),
}
