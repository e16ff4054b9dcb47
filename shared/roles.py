"""The roles that a step of an SOP may name, in both languages, so that every SOP calls the same people the same."""

from typing import Final

SYSTEM: Final = "sistem"
# Slug: Indonesian name, English name.
ROLES: Final[dict[str, tuple[str, str]]] = {
    SYSTEM: ("sistem (oleh aturan)", "the system (by rule)"),
    "petugas-pendaftaran": ("petugas pendaftaran", "registration officer"),
    "verifikator": ("verifikator", "reviewing officer"),
    "ketua-tim-teknis": ("ketua tim teknis", "head of the technical team"),
    "tim-profesi-ahli": ("tim profesi ahli (TPA)", "team of experts (TPA)"),
    "tim-penilai-teknis": ("tim penilai teknis (TPT)", "technical assessment team (TPT)"),
    "petugas-lapangan": ("petugas lapangan", "site officer"),
    "sanitarian": ("sanitarian", "sanitation officer"),
    "penilik": ("penilik bangunan", "building inspector"),
    "petugas-makam": ("petugas UPT pemakaman", "officer of the cemetery office"),
    "kepala-opd": ("kepala OPD", "head of the agency"),
    "petugas-retribusi": ("petugas retribusi", "levy officer"),
    "petugas-pajak": ("petugas pajak", "tax officer"),
    "bendahara-penerimaan": ("bendahara penerimaan", "treasurer"),
    "pejabat-penerbit": ("pejabat penerbit", "issuing official"),
}


def role_name(slug: str) -> dict[str, str]:
    """Returns a role's name in both languages; one that is not known is made readable from its slug."""
    if slug in ROLES:
        return dict(zip(("id", "en"), ROLES[slug], strict=True))
    return dict.fromkeys(("id", "en"), slug.replace("-", " "))
