"""The fields of a permit's document in words, so that a page and a corrected document call the same field the same."""

from collections.abc import Mapping
from typing import Final

PERMIT_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "holder-name": ("nama pemegang", "the holder's name"),
    "holder-address": ("alamat pemegang", "the holder's address"),
    "location": ("lokasi", "the place"),
    "object": ("uraian objek", "what is permitted"),
    "dates": ("tanggal", "a date"),
    "legal-basis": ("dasar hukum", "the legal basis"),
    "signatory": ("pejabat penanda tangan", "the signing official"),
}
