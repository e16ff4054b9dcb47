"""How the parts of an SOP are said in both languages: conditions, charges, lengths of time, kinds of steps, who does what."""

from collections.abc import Mapping
from typing import Final

from shared.agencies import short_name
from shared.sop.model import AfterVisit, ChargeRule, Condition, FactValue, QuotaRule, Sop, Step, Text, as_number
from shared.web.formats import LANGUAGES, listed, readable, rupiah

Pair = tuple[str, str]
Titles = Mapping[str, Text]

KINDS: Final[dict[str, Pair]] = {
    "completeness": ("pemeriksaan kelengkapan", "completeness check"),
    "rule": ("pemeriksaan oleh aturan", "check by rule"),
    "review": ("penilaian teknis", "technical review"),
    "recommendation": ("rekomendasi teknis", "technical recommendation"),
    "outsider": ("menunggu pihak luar", "waiting for an outsider"),
    "quota": ("pemesanan kuota", "reservation of a place"),
    "draw": ("undian pemeriksaan", "draw for a check"),
    "visit": ("pemeriksaan lapangan", "site visit"),
    "charge": ("penetapan biaya", "assessment of the charge"),
    "payment": ("pembayaran", "payment"),
    "decision": ("keputusan", "decision"),
}
STAGES: Final[dict[str, Pair]] = {
    "intake": ("pengajuan", "submission"),
    "verification": ("penilaian teknis", "technical review"),
    "inspection": ("pemeriksaan lapangan", "site visit"),
    "issuance": ("penetapan", "issue"),
}
SYSTEMS: Final[dict[str, Pair]] = {
    "city": ("sistem kota", "the city's own system"),
    "oss": ("OSS", "OSS"),
    "simbg": ("SIMBG", "SIMBG"),
    "mppdn": ("MPP Digital Nasional", "the national digital service mall (MPPDN)"),
}
RISKS: Final[dict[str, Pair]] = {
    "low": ("rendah", "low"),
    "medium-low": ("menengah rendah", "medium low"),
    "medium-high": ("menengah tinggi", "medium high"),
    "high": ("tinggi", "high"),
}
SOURCES: Final[dict[str, Pair]] = {
    "upload": ("diunggah pemohon", "uploaded"),
    "lookup": ("dicari sendiri oleh kota", "looked up by the city"),
}
RENEWALS: Final[dict[str, Pair]] = {
    "again": ("diminta lagi", "asked again"),
    "if-changed": ("diminta bila berubah", "asked if changed"),
    "never": ("tidak diminta lagi", "not asked again"),
}
BASES: Final[dict[str, Pair]] = {"levy": ("retribusi", "levy"), "tax": ("pajak", "tax"), "deposit": ("jaminan", "deposit")}
METHODS: Final[dict[str, Pair]] = {
    "fixed": ("jumlah tetap", "a fixed sum"),
    "product": ("harga satuan kali ukuran", "unit price times measures"),
    "told": ("dihitung instansi penetap", "computed by the assessing agency"),
}
FACT_KINDS: Final[dict[str, Pair]] = {
    "boolean": ("ya atau tidak", "yes or no"),
    "count": ("jumlah", "a count"),
    "measure": ("ukuran", "a measure"),
    "choice": ("pilihan", "a choice"),
}
# Roles whose English is not their own name; others are read off the slug in both languages.
ROLES: Final[dict[str, Pair]] = {
    "sistem": ("sistem", "system"),
    "verifikator": ("verifikator", "reviewer"),
    "kepala-opd": ("kepala OPD", "head of the agency"),
    "petugas-lapangan": ("petugas lapangan", "inspector"),
    "petugas-pajak": ("petugas pajak", "tax officer"),
    "petugas-retribusi": ("petugas retribusi", "levy officer"),
    "bendahara-penerimaan": ("bendahara penerimaan", "treasurer"),
    "pejabat-penerbit": ("pejabat penerbit", "issuing official"),
}
YES: Final[dict[bool, Pair]] = {True: ("ya", "yes"), False: ("tidak", "no")}
_NUMBERS: Final[Pair] = (
    "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh",
    "no one two three four five six seven eight nine ten",
)


def pick(pair: Pair, language: str) -> str:
    """Returns one language of a pair."""
    return pair[LANGUAGES.index(language)]


def role_name(role: str, language: str) -> str:
    """Returns a role in words."""
    return pick(ROLES[role], language) if role in ROLES else readable(role)


def short(slug: str, language: str) -> str:
    """Returns an agency's or other party's short name."""
    return short_name(slug)[language]


def number_word(number: int, language: str) -> str:
    """Returns a small number as a word."""
    words = pick(_NUMBERS, language).split()
    return words[number] if number < len(words) else str(number)


def days_text(days: int, language: str) -> str:
    """Returns `3 hari kerja`."""
    return f"{days} {plural(days, ('hari kerja', 'working day'), language)}"


def months_text(months: int, language: str) -> str:
    """Returns `12 bulan`."""
    return f"{months} {plural(months, ('bulan', 'month'), language)}"


def validity_text(months: int, language: str) -> str:
    """Returns how long a permit is valid."""
    return months_text(months, language) if months else pick(("tanpa batas waktu", "without end"), language)


def plural(number: int, unit: Pair, language: str) -> str:
    """Returns the unit as it follows a number; Indonesian has one form only."""
    return unit[0] if language == "id" else unit[1] + ("" if number == 1 else "s")


def fact_titles(*sops: Sop) -> Titles:
    """Returns what the declared facts of SOPs are called; the last one wins."""
    return {fact.name: fact.title for sop in sops for fact in sop.facts}


def fact_title(name: str, titles: Titles, language: str) -> str:
    """Returns what a fact is called."""
    return titles[name].in_language(language) if name in titles else readable(name)


def condition_text(condition: Condition, titles: Titles, language: str) -> str:
    """Returns `bila Tinggi (m) paling sedikit 6`."""
    title = fact_title(condition.fact, titles, language)
    whenever = pick(("bila", "if"), language)
    if condition.equals is not None:
        return f"{whenever} {title}: {value_text(condition.equals, language)}"
    if condition.one_of:
        values = listed([value_text(value, language) for value in condition.one_of], language)
        return f"{whenever} {title} {pick(('salah satu dari', 'is one of'), language)} {values}"
    at_least = pick(("paling sedikit", "is at least"), language)
    return f"{whenever} {title} {at_least} {value_text(condition.at_least or 0, language)}"


def value_text(value: FactValue, language: str) -> str:
    """Returns a fact's value; decimals have the language's own mark."""
    if isinstance(value, bool):
        return pick(YES[value], language)
    number = as_number(value)
    if number is None:
        return readable(str(value))
    return f"{number:f}".replace(".", ",") if language == "id" else f"{number:f}"


def charge_text(rule: ChargeRule, titles: Titles, language: str) -> str:
    """Returns how a charge comes about, and its tariff."""
    tariff = pick(("tarif", "tariff"), language) + f" {readable(rule.tariff)}"
    name = pick(BASES[rule.basis], language)
    if rule.method == "told":
        return f"{name}: {pick(METHODS['told'], language)} ({tariff})"
    times = " × "  # noqa: RUF001 - the sign of a product, as people write it
    amount = times.join([rupiah(rule.unit_rupiah), *(fact_title(factor, titles, language) for factor in rule.factors)])
    return f"{name}: {amount} ({tariff})"


def exemption_text(rule: ChargeRule, titles: Titles, language: str) -> str:
    """Returns for whom nothing is charged, empty where everybody pays."""
    if rule.exempt_when is None:
        return ""
    return pick(("dibebaskan", "exempt"), language) + " " + condition_text(rule.exempt_when, titles, language)


def performers(step: Step, language: str) -> str:
    """Returns who does a step: the role, and the agencies that act in it."""
    return f"{role_name(step.role, language)} {listed([short(agency, language) for agency in step.agencies], language)}"


def quota_text(rule: QuotaRule, titles: Titles, language: str) -> str:
    """Returns how many places a step reserves from which pool."""
    places = _fact_title(rule.places_fact, titles, language) if rule.places_fact else pick(("satu tempat", "one place"), language)
    by = pick((" menurut ", " by "), language) + _fact_title(rule.by_fact, titles, language) if rule.by_fact else ""
    return pick(("{places} dari kuota {pool}{by}", "{places} of the pool {pool}{by}"), language).format(
        places=places, pool=rule.pool, by=by
    )


def _fact_title(name: str, titles: Titles, language: str) -> str:
    return titles[name].in_language(language) if name in titles else readable(name)


_OCCASIONS: Final[dict[str, Pair]] = {
    "always": ("setelah setiap izin", "after every permit"),
    "drawn": ("setelah izin yang terundi", "after permits that were drawn"),
    "deemed": ("setelah izin yang dianggap dikabulkan", "after permits that were deemed granted"),
}


def after_visit_text(visit: AfterVisit, language: str) -> str:
    """Returns who visits how often after issue, by when, and after which permits."""
    sentence = (
        "{title}: {count} kali oleh {who}, masing-masing dalam {days}, {when}",
        "{title}: {count} times by {who}, each within {days}, {when}",
    )
    return pick(sentence, language).format(
        title=visit.title.in_language(language),
        count=visit.visits,
        who=listed([short(agency, language) for agency in visit.agencies], language),
        days=days_text(visit.every_working_days, language),
        when=pick(_OCCASIONS[visit.occasion], language),
    )
