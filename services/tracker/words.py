"""Sentences that are made of facts: the headline of an application, titles of steps and stages, reasons given by code."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from shared.calendar import WIB
from shared.fields import to_instant
from shared.permit_words import PERMIT_FIELDS
from shared.reasons import text_of
from shared.sop import objections, rules
from shared.sop.applicants import FILED
from shared.sop.draws import SLOT
from shared.sop.model import Sop
from shared.sop.permit import TRANSFER_STEP
from shared.web.formats import LANGUAGES, Words, both, day_text, listed, readable, rupiah

_STAGES: Final = {
    "intake": ("Pengajuan", "Submission"),
    "verification": ("Penilaian teknis", "Technical review"),
    "inspection": ("Pemeriksaan lapangan", "Site visit"),
    "issuance": ("Penetapan", "Decision"),
}
_STEPS: Final = {
    rules.CORRECTION: ("Perbaikan oleh pemohon", "Correction by the applicant"),
    SLOT: ("Pilihan hari pemeriksaan", "Choice of a day for the visit"),
    TRANSFER_STEP: ("Balik nama", "Transfer to another holder"),
    rules.CORRECTION_REQUEST: ("Penyusunan satu daftar perbaikan", "Making one list of what to correct"),
    objections.OBJECTION: ("Jawaban atas keberatan", "Answer to the objection"),
    objections.APPEAL: ("Jawaban atas banding", "Answer to the appeal"),
}
# Reasons that the city's own rules give; others are codes of the officers, shown as words.
_REASONS: Final = {
    "site-visit-failed": ("pemeriksaan lapangan tidak sesuai", "the site visit did not pass"),
    "outsider-rejects": ("hasil pihak luar tidak memenuhi syarat", "the outsider's result does not meet the standard"),
    "recommendation-rejects": ("rekomendasi teknis menolak", "the technical recommendation rejects"),
    "no-correction": ("perbaikan tidak disampaikan sampai batas waktu", "no correction was submitted in time"),
    "audit": ("pemeriksaan", "an audit"),
    "court": ("perkara di pengadilan", "a case in court"),
    "objection": ("keberatan atau banding", "an objection or appeal"),
    "ombudsman": ("pemeriksaan Ombudsman", "an examination by the Ombudsman"),
    "applicant-request": ("atas permintaan pemohon", "at the applicant's request"),
    "consent-withdrawn": ("persetujuan ditarik kembali", "consent was withdrawn"),
    "no-longer-needed": ("tidak diperlukan lagi", "no longer needed"),
    "retention-ended": ("masa simpan berakhir", "the time of keeping is over"),
    "unlawful-processing": ("diperoleh atau diproses tanpa dasar hukum", "taken or processed without a legal ground"),
    "power-withdrawn": ("kuasa dicabut oleh pemohon", "withdrawn by the applicant"),
    "power-laid-down": ("kuasa mengundurkan diri", "laid down by the attorney"),
    "no-payment": ("biaya tidak dibayar sampai batas waktu", "the charge was not paid in time"),
}
_ENDED: Final = {
    "issued": ("Izin sudah terbit.", "The permit is issued."),
    "deemed-granted": (
        "Permohonan dianggap dikabulkan: izin berlaku karena instansi tidak memutuskan tepat waktu.",
        "Deemed granted: the permit holds because the agencies did not decide in time.",
    ),
    "refused": ("Permohonan ditolak.", "The application is refused."),
    "withdrawn": ("Permohonan ditarik oleh pemohon.", "The applicant has withdrawn the application."),
    "closed": ("Permohonan ditutup karena tidak ada tanggapan pemohon.", "The application is closed because the applicant did not answer."),
}
_ANSWERING: Final = {
    "objection": (
        "{act}; keberatan sedang diputus oleh {who}, paling lambat {due}.",
        "{act}; {who} decides on the objection by {due}.",
    ),
    "appeal": (
        "{act}; banding sedang diputus oleh {who}, paling lambat {due}.",
        "{act}; {who} decides on the appeal by {due}.",
    ),
}
# What has happened by an act that may be objected to, and its name.
_ACTS: Final = {
    "refusal": ("Permohonan ditolak", "The application is refused"),
    "closing": ("Permohonan ditutup", "The application is closed"),
    "renewal-refusal": ("Perpanjangan izin ditolak", "The renewal of the permit is refused"),
    "revocation": ("Izin dicabut", "The permit is revoked"),
    "annulment": ("Izin dibatalkan", "The permit is annulled"),
}
_ACT_NAMES: Final = {
    "refusal": ("penolakan permohonan", "the refusal"),
    "closing": ("penutupan permohonan", "the closing"),
    "renewal-refusal": ("penolakan perpanjangan", "the refusal of the renewal"),
    "revocation": ("pencabutan izin", "the revocation"),
    "annulment": ("pembatalan izin", "the annulment"),
}
_PERMIT_STATES: Final = {
    "suspended": (
        "Izin sudah terbit, tetapi sedang dibekukan dan tidak boleh dipakai.",
        "The permit was issued but is suspended: it may not be used now.",
    ),
    "revoked": ("Izin dicabut dan tidak berlaku lagi.", "The permit was revoked and is no longer in force."),
    "annulled": ("Izin dibatalkan: dianggap tidak pernah sah.", "The permit was annulled: it is void from the start."),
    "surrendered": (
        "Izin dikembalikan oleh pemegangnya dan tidak berlaku lagi.",
        "The holder has given the permit back; it is no longer in force.",
    ),
    "expired": ("Masa berlaku izin sudah habis.", "The permit has expired."),
}
_RENEWAL: Final = ("Perpanjangan izin sedang diproses.", "The permit's renewal is being decided.")
_WORK: Final = {
    "completeness": ("Kelengkapan berkas sedang diperiksa.", "Completeness is being checked."),
    "rule": ("Berkas sedang diperiksa oleh aturan.", "The application is being checked by rule."),
    "draw": ("Undian pemeriksaan setelah terbit sedang dicatat.", "The draw for a later check is being entered."),
    "review": ("Sedang dinilai oleh {who}.", "Under review by {who}."),
    "recommendation": ("Rekomendasi teknis sedang disiapkan oleh {who}.", "{who} is preparing the technical recommendation."),
    "outsider": (
        "Menunggu hasil dari {who}; waktu tunggu ini di luar kendali kota dan tidak dihitung sebagai waktu dinas.",
        "Waiting for the result of {who}; the city cannot hurry this wait, and it does not count as an agency's time.",
    ),
    "quota": (
        "Menunggu giliran mendapat tempat dalam kuota{place}; waktu tunggu ini tidak dihitung sebagai waktu dinas.",
        "Waiting for a place in the pool{place}; this wait does not count as an agency's time.",
    ),
    "visit": ("Menunggu pemeriksaan lapangan oleh {who}.", "Waiting for the site visit by {who}."),
    "charge": ("Biaya sedang ditetapkan oleh {who}.", "{who} is assessing the charge."),
    "decision": ("Keputusan sedang disiapkan oleh {who}.", "{who} is preparing the decision."),
    "correction-request": (
        "Hasil penilaian sedang disatukan menjadi satu daftar perbaikan.",
        "The findings are being joined into one list.",
    ),
}
_CORRECT: Final = ("Giliran Anda: perbaiki {requirements}, paling lambat {due}.", "Your turn: correct {requirements} by {due}.")
_PAY: Final = ("Giliran Anda: bayar {amount}, paling lambat {due}.", "Your turn: pay {amount} by {due}.")
_CHOOSE: Final = (
    "Giliran Anda: pilih hari pemeriksaan lapangan, paling lambat {due}.",
    "Your turn: choose a day for the site visit by {due}.",
)
_VISIT_ON: Final = ("Pemeriksaan lapangan dijadwalkan {date} oleh {who}.", "The site visit by {who} is scheduled for {date}.")
_PLACE: Final = (" (urutan ke-{place})", " (number {place} in the queue)")
_WAITING: Final = ("Menunggu langkah berikutnya dicatat.", "Waiting for the next step to be entered.")


def stage_name(stage: str) -> Words:
    """Returns a stage's name in both languages."""
    return both(_STAGES[stage])


def step_title(sop: Sop | None, code: str) -> Words:
    """Returns a step's title in both languages: the SOP's own, or one of the two steps that every SOP has."""
    step = (sop.step_by_code.get(code) or sop.after_issue_by_code.get(code)) if sop else None
    if step is not None:
        return step.title.in_both()
    return both(_STEPS.get(code, (readable(code), readable(code))))


def field_name(field: str) -> Words:
    """Returns a field of the permit's document in both languages."""
    return both(PERMIT_FIELDS[field])


def reason_text(code: str) -> Words:
    """Returns a reason in both languages."""
    return both(_REASONS.get(code) or text_of(code) or (readable(code), readable(code)))


def reasons(codes: Sequence[str]) -> list[dict[str, Any]]:
    """Returns reasons by code with their texts in both languages."""
    return [{"code": code, "text": reason_text(code)} for code in codes]


def act_name(kind: str) -> Words:
    """Returns the name of an act that may be objected to, in both languages."""
    return both(_ACT_NAMES[kind])


def filed_text(filed_as: str) -> Words:
    """Returns who has filed an application, in both languages."""
    return both(FILED[filed_as])


def requirements(count: int) -> Words:
    """Returns so many requirements, in both languages."""
    return both((f"{count} persyaratan", "1 requirement" if count == 1 else f"{count} requirements"))


def places(count: int) -> Words:
    """Returns so many places, in both languages."""
    return both((f"{count} tempat", "1 place" if count == 1 else f"{count} places"))


def headline(tree: Mapping[str, Any]) -> Words:
    """Returns the one sentence that says where an application stands."""
    return {tongue: _headline(tree, tongue) for tongue in LANGUAGES}


def _headline(tree: Mapping[str, Any], tongue: str) -> str:
    which = LANGUAGES.index(tongue)
    if tree["turn"] and tree["turn"][0]["kind"] in _ANSWERING:
        return _answering(tree["turn"][0], tree["objections"][-1]["against"], tongue)
    if tree["permit"] and tree["permit"]["state"] in _PERMIT_STATES and (tree["outcome"] or tree["permit"]["state"] != "expired"):
        return _PERMIT_STATES[tree["permit"]["state"]][which]
    if tree["outcome"]:
        return _ENDED[tree["outcome"]][which]
    if tree["renewal"]:
        return f"{_RENEWAL[which]} {_where(tree, tongue)}"
    return _where(tree, tongue)


def _where(tree: Mapping[str, Any], tongue: str) -> str:
    """Returns the sentence that says who has a running application, or its renewal."""
    which = LANGUAGES.index(tongue)
    for item in tree["turn"]:
        if item["kind"] in ("correction", "payment", "choose-slot"):
            return _their_turn(tree, item, tongue)
    # What a rule does is over in a moment; what a person does is what is waited for.
    turn = [item for item in tree["turn"] if not item["by_rule"]] or tree["turn"]
    if not turn:
        return _WAITING[which]
    same = [item for item in turn if item["kind"] == turn[0]["kind"]]
    who = listed(list(dict.fromkeys(party["short"][tongue] for item in same for party in item["parties"])), tongue)
    visit = next((item for item in tree["visits"] if item["step"] == turn[0]["step"] and item["state"] == "scheduled"), None)
    if visit:
        when = day_text(date.fromisoformat(visit["date"]), tongue, weekday=True)
        return _VISIT_ON[which].format(who=who, date=when)
    place = turn[0].get("place", 0)
    return _WORK[turn[0]["kind"]][which].format(who=who, place=_PLACE[which].format(place=place) if place else "")


def _answering(item: Mapping[str, Any], against: str, tongue: str) -> str:
    which = LANGUAGES.index(tongue)
    who = listed([party["short"][tongue] for party in item["parties"]], tongue)
    due = day_text(to_instant(item["due"]).astimezone(WIB).date(), tongue, weekday=True)
    return _ANSWERING[item["kind"]][which].format(act=_ACTS[against][which], who=who, due=due)


def _their_turn(tree: Mapping[str, Any], item: Mapping[str, Any], tongue: str) -> str:
    which = LANGUAGES.index(tongue)
    due = day_text(to_instant(item["due"]).astimezone(WIB).date(), tongue, weekday=True)
    if item["kind"] == "correction":
        count = sum(requirement["state"] == "to-correct" for requirement in tree["requirements"])
        return _CORRECT[which].format(requirements=requirements(count)[tongue], due=due)
    if item["kind"] == "choose-slot":
        return _CHOOSE[which].format(due=due)
    return _PAY[which].format(amount=rupiah(sum(charge["open_rupiah"] for charge in tree["charges"])), due=due)
