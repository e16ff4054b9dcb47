"""The difference of two SOPs in words that a head of agency reads: consequences for the applicant, for each agency, then every detail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.envelope import canonical
from shared.sop.change import Change
from shared.sop.diff import AGENCY_KINDS, SUMMARY_KINDS, agency_load, uploads, visits
from shared.sop.model import AfterVisit, ChargeRule, Condition, QuotaRule, Sop
from shared.sop.timing import longest_path_working_days
from shared.web import sop_words as words
from shared.web.formats import listed, readable, rupiah

NOTHING: Final = "-"
_THERE: Final = (("ada", "there"), ("tidak ada", "not there"))
_BETTER: Final = {"yes": ("lebih ringan", "better"), "no": ("lebih berat", "worse"), "neutral": ("netral", "neutral")}
_COST: Final = {
    "yes": ("biaya lebih ringan", "a lower cost"),
    "no": ("biaya dapat lebih berat", "the cost may be higher"),
    "neutral": ("cara menetapkan biaya berubah", "the charge is set in another way"),
}
_SAME: Final = ("tetap", "unchanged")
_PLACES: Final[dict[str, words.Pair]] = {
    "": ("SOP", "SOP"),
    "agencies": ("Instansi", "Agency"),
    "facts": ("Isian", "Declared"),
    "requirements": ("Persyaratan", "Requirement"),
    "steps": ("Langkah", "Step"),
    "after-issue": ("Setelah terbit", "After issue"),
    "conditions": ("Kewajiban", "Condition"),
    "legal-bases": ("Dasar hukum", "Legal basis"),
}
# What changed, by kind; two pairs where it is said differently when it comes and when it goes.
WHAT: Final[dict[str, words.Pair]] = {
    "uploads": ("Dokumen yang diunggah", "Documents to upload"),
    "visits": ("Kunjungan ke pemohon", "Visits to the applicant"),
    "promise": ("Janji layanan", "Service promise"),
    "longest-path": ("Jalur terlama instansi", "Longest way of the agencies"),
    "longest-path-for-some": ("Jalur terlama bagi sebagian pemohon", "Longest way for some applicants"),
    "agency-steps": ("langkah", "steps"),
    "agency-days": ("hari kerja", "working days"),
    "permit-type": ("jenis izin lain", "another permit type"),
    "title": ("nama izin", "name of the permit"),
    "owner": ("pemilik SOP", "owner of the SOP"),
    "system-of-record": ("sistem pencatatan", "system of record"),
    "risk": ("tingkat risiko", "risk"),
    "demo-values": ("angka hanya contoh", "numbers are demo values"),
    "correction-days": ("waktu pemohon untuk perbaikan", "the applicant's time for corrections"),
    "validity": ("masa berlaku", "validity"),
    "renewal": ("perpanjangan", "renewal"),
    "reminder": ("pengingat sebelum habis", "reminder before the end"),
    "renewal-opens": ("perpanjangan dibuka sebelum habis", "renewal opens before the end"),
    "transfer": ("balik nama", "transfer to another holder"),
    "renewal-steps": ("langkah perpanjangan", "steps of a renewal"),
    "renewal-facts": ("isian yang dapat diubah saat perpanjangan", "what may be declared anew on renewal"),
    "renewal-self-assessment": ("perpanjangan dengan penilaian mandiri", "renewal by self-assessment"),
    "deemed": ("dianggap dikabulkan bila instansi diam", "deemed granted if the agencies are silent"),
    "deemed-days": ("dianggap dikabulkan setelah", "deemed granted after"),
    "deemed-payment": ("dianggap dikabulkan hanya setelah bayar", "deemed granted only after payment"),
    "deemed-audit": ("pemeriksaan setelah dianggap dikabulkan", "audit after a deemed grant"),
    "deemed-basis": ("dasar hukum dianggap dikabulkan", "legal basis of deemed approval"),
    "reordered": ("urutan penulisan", "order of listing"),
    "fact-added": ("isian baru dari pemohon", "the applicant declares one thing more"),
    "fact-removed": ("tidak lagi diisi pemohon", "no longer declared"),
    "fact-title": ("sebutan", "wording"),
    "fact-kind": ("jenis isian", "kind of value"),
    "fact-choices": ("pilihan", "choices"),
    "fact-at-most": ("batas tertinggi", "upper bound"),
    "requirement-added": ("diminta (baru)", "asked for (new)"),
    "requirement-removed": ("tidak lagi diminta", "no longer asked for"),
    "requirement-title": ("sebutan", "wording"),
    "requirement-source": ("cara memperoleh", "how it is obtained"),
    "requirement-when": ("diminta kapan", "asked when"),
    "requirement-issuer": ("diterbitkan oleh", "issued by"),
    "requirement-age": ("umur dokumen paling lama", "how old it may be"),
    "requirement-renewal": ("saat perpanjangan", "on renewal"),
    "requirement-personal": ("memuat data pribadi", "holds personal data"),
    "requirement-of-city": ("tambahan kota di atas standar nasional", "added by the city to the national standard"),
    "requirement-basis": ("dasar hukum", "legal basis"),
    "requirement-permit": ("izin jenis", "permit of the type"),
    "condition-added": ("kewajiban baru pemegang izin", "a new duty of the holder"),
    "condition-removed": ("kewajiban dihapus", "a duty less"),
    "condition-title": ("bunyi", "wording"),
    "condition-basis": ("dasar hukum", "legal basis"),
    "after-added": ("pemeriksaan baru setelah izin terbit", "a new visit after issue"),
    "after-removed": ("pemeriksaan setelah terbit dihapus", "a visit after issue less"),
    "after-changed": ("pemeriksaan setelah terbit", "visit after issue"),
    "basis-added": ("ditambahkan", "added"),
    "basis-removed": ("dihapus", "removed"),
    "basis-title": ("sebutan", "wording"),
    "step-added": ("langkah baru", "a new step"),
    "step-removed": ("langkah dihapus", "a step less"),
    "steps-merged": ("digabung dari beberapa langkah", "merged from several steps"),
    "step-split": ("dipecah menjadi beberapa langkah", "split into several steps"),
    "step-code": ("kode langkah", "code of the step"),
    "step-title": ("sebutan", "wording"),
    "step-kind": ("jenis langkah", "kind of step"),
    "step-stage": ("tahap", "stage"),
    "step-role": ("pelaksana", "who does it"),
    "step-agencies": ("instansi pelaksana", "agencies that do it"),
    "step-reads": ("berkas yang dinilai", "documents that are read"),
    "step-target": ("target waktu", "target"),
    "step-visits-max": ("kunjungan paling banyak", "visits at most"),
    "step-applicant-days": ("waktu pemohon untuk membayar", "the applicant's time to pay"),
    "step-sample": ("bagian yang diundi", "share that is drawn"),
    "step-outsider": ("pihak luar", "outsider"),
    "step-quota": ("kuota", "pool of places"),
    "step-basis": ("dasar hukum", "legal basis"),
    "step-deemed-complete": ("dianggap lengkap setelah", "deemed complete after"),
    "step-when": ("dilakukan kapan", "done when"),
    "step-automatic": ("diputus oleh aturan", "done by rule"),
    "step-manual-when": ("tetap oleh petugas", "still by an officer"),
    "step-needs": ("menunggu langkah", "waits for"),
    "step-now-parallel": ("sekarang berjalan bersamaan, tidak lagi menunggu", "now in parallel, no longer waits for"),
    "step-now-waits": ("sekarang menunggu", "now waits for"),
    "charge-added": ("biaya baru", "a new charge"),
    "charge-removed": ("biaya dihapus", "a charge less"),
    "charge-basis": ("dasar pungutan", "kind of charge"),
    "charge-method": ("cara menghitung biaya", "how the charge is computed"),
    "charge-factors": ("ukuran penentu biaya", "measures in the charge"),
    "charge-unit": ("harga satuan", "unit price"),
    "charge-tariff": ("tarif", "tariff"),
    "charge-exemption": ("pembebasan biaya", "exemption from the charge"),
    "charge-legal-basis": ("dasar hukum biaya", "legal basis of the charge"),
    "rejection-added": ("alasan penolakan baru", "a new reason to reject"),
    "rejection-removed": ("alasan penolakan dihapus", "a reason to reject less"),
    "rejection-when": ("alasan penolakan", "reason to reject"),
    "checklist-added": ("butir pemeriksaan baru", "a new item to check"),
    "checklist-removed": ("butir pemeriksaan dihapus", "an item to check less"),
    "checklist-title": ("bunyi butir pemeriksaan", "wording of an item to check"),
}
_DAYS: Final = frozenset(
    {
        "agency-days",
        "correction-days",
        "deemed-days",
        "longest-path",
        "longest-path-for-some",
        "promise",
        "step-applicant-days",
        "step-deemed-complete",
        "step-target",
    }
)
_CODES_OF_STEPS: Final = frozenset({"renewal-steps", "steps-merged", "step-split", "step-needs", "step-now-parallel", "step-now-waits"})
_GROUPS: Final = {"renewal-facts": "facts"}
_CHOICES: Final[dict[str, Mapping[Any, words.Pair]]] = {
    "system-of-record": words.SYSTEMS,
    "risk": words.RISKS,
    "fact-kind": words.FACT_KINDS,
    "requirement-source": words.SOURCES,
    "requirement-renewal": words.RENEWALS,
    "step-kind": words.KINDS,
    "step-stage": words.STAGES,
    "charge-basis": words.BASES,
    "charge-method": words.METHODS,
}
_LISTED: Final = frozenset({"fact", "requirement", "step", "basis", "condition"})
_PARTIES: Final = frozenset({"owner", "requirement-issuer", "step-agencies", "step-outsider"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a difference: where, what, from what to what, and whether the applicant is better off."""

    place: str
    what: str
    before: str
    after: str
    better: str


class Wording:
    """Says the changes from one SOP to another in one language."""

    def __init__(self, before: Sop, after: Sop, language: str) -> None:
        self.before, self.after, self.language = before, after, language
        self._titles = words.fact_titles(before, after)

    def details(self, changes: Sequence[Change]) -> list[Row]:
        """Returns a row for each change that is no consequence of others."""
        return [self._row(change) for change in changes if change.kind not in SUMMARY_KINDS | AGENCY_KINDS]

    def for_applicant(self, changes: Sequence[Change]) -> list[Row]:
        """Returns what it means for the applicant: documents, visits, promise, the agencies' longest way, cost."""
        numbers: tuple[tuple[str, Callable[[Sop], int]], ...] = (
            ("uploads", uploads),
            ("visits", visits),
            ("promise", lambda sop: sop.promise_working_days),
            ("longest-path", longest_path_working_days),
        )
        rows = [self._consequence(kind, value(self.before), value(self.after), changes) for kind, value in numbers]
        rows += [self._row(change) for change in changes if change.kind == "longest-path-for-some"]
        return [*rows, self._cost(changes)]

    def for_agencies(self) -> list[tuple[str, ...]]:
        """Returns, for each agency, its steps and the sum of its targets before and after."""
        old, new = agency_load(self.before), agency_load(self.after)
        names = dict.fromkeys((*old, *new))
        loads = [(name, old.get(name, (0, 0)), new.get(name, (0, 0))) for name in names]
        return [(words.short(name, self.language), *map(str, (was[0], now[0], was[1], now[1]))) for name, was, now in loads]

    def headline(self, changes: Sequence[Change]) -> str:
        """Returns the consequences for the applicant in one sentence."""
        parts = [self._fewer(change) for change in changes if change.kind in ("uploads", "visits")]
        parts += [f"{self._what(change).lower()} {self._from_to(change)}" for change in changes if change.kind == "promise"]
        verdict = _cost_verdict(changes)
        parts += [self._pick(_COST[verdict])] if verdict else []
        if not parts:
            same = "dokumen, kunjungan, janji layanan dan biaya tetap", "documents, visits, promise and cost stay the same"
            parts = [self._pick(same)]
        return f"{self._pick(('Bagi pemohon', 'For the applicant'))}: {'; '.join(parts)}."

    def _fewer(self, change: Change) -> str:
        difference = _number(change.after) - _number(change.before)
        things = {"uploads": (("dokumen", "document"), "document"), "visits": (("kunjungan", "visit"), "visit")}[change.kind][0]
        noun = words.plural(abs(difference), things, self.language)
        less = self._pick(("lebih sedikit", "fewer") if difference < 0 else ("lebih banyak", "more"))
        count = words.number_word(abs(difference), self.language)
        return f"{count} {noun} {less}" if self.language == "id" else f"{count} {less} {noun}"

    def _from_to(self, change: Change) -> str:
        return f"{change.before} → {words.days_text(_number(change.after), self.language)}"

    def _consequence(self, kind: str, before: int, after: int, changes: Sequence[Change]) -> Row:
        found = next((change for change in changes if change.kind == kind), Change(kind, "", before, after, "neutral"))
        return self._row(found) if before != after else self._unchanged(found)

    def _unchanged(self, change: Change) -> Row:
        row = self._row(change)
        return Row(row.place, row.what, row.before, row.after, self._pick(_SAME))

    def _cost(self, changes: Sequence[Change]) -> Row:
        verdict = _cost_verdict(changes)
        better = self._pick(_BETTER[verdict] if verdict else _SAME)
        return Row(self._pick(_PLACES[""]), self._pick(("Biaya", "Cost")), self._costs(self.before), self._costs(self.after), better)

    def _costs(self, sop: Sop) -> str:
        rules = [step.charge for step in sop.steps if step.charge]
        found = [say(rule, self._titles, self.language) for rule in rules for say in (words.charge_text, words.exemption_text)]
        return "; ".join(filter(None, found)) or self._pick(("tidak ada", "none"))

    # One change

    def _row(self, change: Change) -> Row:
        before, after = self._value(change, change.before), self._value(change, change.after)
        if change.kind == "step-reads":
            before, after = self._only(change.before, change.after), self._only(change.after, change.before)
        if change.kind.endswith(("-added", "-removed")) and change.kind.partition("-")[0] in _LISTED:
            before, after = (self._pick(_THERE[value is None]) for value in (change.before, change.after))
        return Row(self.place(change.place), self._what(change), before, after, self._pick(_BETTER[change.better_for_applicant]))

    def _what(self, change: Change) -> str:
        return self._pick(WHAT[change.kind])

    def _only(self, one: object, other: object) -> str:
        kept = tuple(code for code in _codes(one) if code not in _codes(other))
        return listed([self._title_of("requirements", code) for code in kept], self.language) or NOTHING

    def place(self, place: str) -> str:
        """Returns `Langkah: Pemeriksaan lapangan bersama`."""
        group, _, code = place.partition("/")
        name = self._pick(_PLACES[group])
        return f"{name}: {self._title_of(group, code.partition('/')[0])}" if code else name

    def _title_of(self, group: str, code: str) -> str:
        for sop in (self.after, self.before):
            groups: Mapping[str, Mapping[str, Any]] = {
                "steps": sop.step_by_code,
                "requirements": sop.requirement_by_code,
                "facts": sop.fact_by_name,
                "after-issue": sop.after_issue_by_code,
                "conditions": {item.code: item for item in sop.conditions},
                "legal-bases": {item.code: item for item in sop.legal_bases},
            }
            if code in groups.get(group, {}):
                title: str = groups[group][code].title.in_language(self.language)
                return title
        return words.short(code, self.language) if group == "agencies" else readable(code)

    def _value(self, change: Change, value: Any) -> str:  # noqa: ANN401, PLR0911 - a change's value, one line for each form that it has
        kind = change.kind
        if value is None:
            return NOTHING
        if kind in _CHOICES:
            return self._pick(_CHOICES[kind][value])
        if isinstance(value, bool):
            return self._pick(words.YES[value])
        if isinstance(value, int):
            return self._number(kind, value)
        if isinstance(value, str):
            return self._slug(kind, value)
        if isinstance(value, Mapping):
            return self._part(kind, value)
        group = "steps" if kind in _CODES_OF_STEPS else _GROUPS.get(kind, "requirements" if change.place.endswith("/reads") else "")
        items = [self._title_of(group, item) if group else self._slug(kind, item) for item in value]
        return listed(items, self.language) or NOTHING

    def _number(self, kind: str, value: int) -> str:
        if kind in _DAYS:
            return words.days_text(value, self.language)
        if kind in ("renewal-opens", "reminder"):
            return f"{value} {words.plural(value, ('hari', 'day'), self.language)}"
        if kind == "validity":
            return words.validity_text(value, self.language)
        if kind == "requirement-age":
            return words.months_text(value, self.language) if value else self._pick(("bebas", "any"))
        if kind == "step-sample":
            return f"{value} %"
        return rupiah(value) if kind == "charge-unit" else str(value)

    def _slug(self, kind: str, value: str) -> str:
        if not value:
            return NOTHING
        if kind.endswith("basis") or kind == "charge-factors":
            return self._title_of("legal-bases" if kind != "charge-factors" else "facts", value)
        if kind == "fact-at-most":
            return words.value_text(value, self.language)
        if kind == "step-role":
            return words.role_name(value, self.language)
        if kind in ("step-code", "permit-type"):
            return value
        return words.short(value, self.language) if kind in _PARTIES else readable(value)

    def _part(self, kind: str, value: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one line for each kind of part
        if "fact" in value:
            return words.condition_text(Condition.model_validate_json(canonical(value)), self._titles, self.language)
        if "reason" in value:
            return f"{readable(value['reason'])}, {self._part(kind, value['when'])}"
        if "method" in value:
            return words.charge_text(ChargeRule.model_validate_json(canonical(value)), self._titles, self.language)
        if "opens_days_before" in value:
            return self._number("renewal-opens", value["opens_days_before"]) + self._pick((" sebelum habis", " before the end"))
        if "allowed" in value:
            papers = listed([self._title_of("requirements", code) for code in value.get("documents", ())], self.language)
            basis = self._title_of("legal-bases", value["legal_basis"]) if value.get("legal_basis") else ""
            return ", ".join(item for item in (self._pick(words.YES[value["allowed"]]), papers, basis) if item)
        if "every_working_days" in value:
            return words.after_visit_text(AfterVisit.model_validate_json(canonical(value)), self.language)
        if "pool" in value:
            return words.quota_text(QuotaRule.model_validate_json(canonical(value)), self._titles, self.language)
        title: str = value[self.language]
        return title

    def _pick(self, pair: words.Pair) -> str:
        return words.pick(pair, self.language)


def _cost_verdict(changes: Sequence[Change]) -> str:
    judged = {change.better_for_applicant for change in changes if change.kind.startswith("charge-")}
    return next((verdict for verdict in ("no", "yes", "neutral") if verdict in judged), "")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _codes(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
