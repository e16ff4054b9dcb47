"""The agencies' and other parties' names in both languages, so that every screen calls them the same."""

from typing import Any, Final

# Slug: Indonesian name, English name, short name as it stands on signs.
AGENCIES: Final[dict[str, tuple[str, str, str]]] = {
    "dpmptsp": ("Dinas Penanaman Modal dan PTSP", "Investment and One-Stop Service Agency", "DPMPTSP"),
    "pupr": ("Dinas Pekerjaan Umum dan Penataan Ruang", "Public Works and Spatial Planning Agency", "PUPR"),
    "dishub": ("Dinas Perhubungan", "Transport Agency", "Dishub"),
    "dlh": ("Dinas Lingkungan Hidup", "Environment Agency", "DLH"),
    "dpkp": ("Dinas Pemadam Kebakaran dan Penyelamatan", "Fire and Rescue Agency", "DPKP"),
    "bpprd": ("Badan Pengelola Pajak dan Retribusi Daerah", "Regional Revenue Agency", "BPPRD"),
    "bpkad": ("Badan Pengelola Keuangan dan Aset Daerah", "Regional Finance and Assets Agency", "BPKAD"),
    "kesbangpol": ("Badan Kesatuan Bangsa dan Politik", "National Unity and Politics Agency", "Kesbangpol"),
    "dinkes": ("Dinas Kesehatan", "Health Agency", "Dinkes"),
    "dpkukmp": ("Dinas Perdagangan, Koperasi, UKM dan Perindustrian", "Trade, Cooperatives and Industry Agency", "DPKUKMP"),
    "perkimtan": ("Dinas Perumahan, Kawasan Permukiman dan Pertanahan", "Housing and Land Agency", "Perkimtan"),
    "satpol-pp": ("Satuan Polisi Pamong Praja", "Municipal Police", "Satpol PP"),
    "puskesmas": ("Pusat Kesehatan Masyarakat", "Community Health Centre", "Puskesmas"),
    "disdukcapil": ("Dinas Kependudukan dan Pencatatan Sipil", "Civil Registry Agency", "Disdukcapil"),
    "setda": ("Sekretariat Daerah", "Office of the City Secretary", "Setda"),
    "inspektorat": ("Inspektorat Kota", "City Inspectorate", "Inspektorat"),
    "upt-tpu": ("UPT Tempat Pemakaman Umum", "Public Cemetery Office", "UPT TPU"),
}
# Parties that are no agency of the city, as they are written inside a sentence.
OTHERS: Final[dict[str, tuple[str, str]]] = {
    "applicant": ("pemohon", "the applicant"),
    "pemohon": ("pemohon", "the applicant"),
    "oss": ("sistem nasional OSS", "the national system OSS"),
    "simbg": ("sistem nasional SIMBG", "the national system SIMBG"),
    "mppdn": ("sistem nasional MPP Digital", "the national system MPP Digital"),
    "kuasa": ("kuasa pemohon", "the applicant's attorney in fact"),
    "ledger": ("buku jejak kota", "the city's ledger"),
    "kas-daerah": ("kas daerah", "the city treasury"),
    "bpn": ("Kantor Pertanahan (BPN)", "the Land Office (BPN)"),
    "lpjk": ("LPJK", "the construction service register (LPJK)"),
    "bank": ("bank", "a bank"),
    "penyedia-jasa": ("penyedia jasa", "a service provider"),
    "ahli-struktur": ("ahli struktur", "a structural engineer"),
    "asuransi": ("perusahaan asuransi", "an insurance company"),
    "perguruan-tinggi": ("perguruan tinggi", "a university"),
    "antrean": ("antrean kuota", "the queue for a place"),
    "laboratorium": ("laboratorium", "a laboratory"),
}


def party_name(slug: str) -> dict[str, str]:
    """Returns the full name in both languages, an outsider's too; a name that is not known is made readable from its slug."""
    slug = slug.removeprefix("outsider:")
    if slug in AGENCIES:
        name_id, name_en, short = AGENCIES[slug]
        return {"id": f"{name_id} ({short})", "en": f"{name_en} ({short})"}
    if slug in OTHERS:
        return dict(zip(("id", "en"), OTHERS[slug], strict=True))
    return dict.fromkeys(("id", "en"), slug.replace("-", " ").upper())


def short_name(slug: str) -> dict[str, str]:
    """Returns the short name in both languages."""
    if slug in AGENCIES:
        return dict.fromkeys(("id", "en"), AGENCIES[slug][2])
    return party_name(slug)


def party_tree(slug: str) -> dict[str, Any]:
    """Returns a party by its slug, with its name and its short name, as trees and JSON have it."""
    return {"party": slug, "name": party_name(slug), "short": short_name(slug)}
