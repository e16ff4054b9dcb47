"""Writes the golden file of each event version that has none yet, and the published JSON Schemas: `python -m tests.golden.renew`.

A golden file that exists is never written again: it holds bytes that a ledger may hold, for ever.
"""

from pathlib import Path
from typing import Any

import orjson

from shared import events as e
from shared.envelope import Stamp, canonical, encode, leaf_hash, make_entry
from shared.proof.strict import to_base64url
from shared.schemas import schemas
from shared.upcast import for_contract
from tests.builders import APPLICANT_ID, CODE, COMMITMENT, OFFICER_ID, REKLAME, SIGNER_ID, catalogue, make_event, publication, submission

GOLDEN = Path(__file__).parent
EVENTS = GOLDEN / "events"
LEAF_HASHES = GOLDEN / "leaf-hashes.json"
SCHEMAS = GOLDEN.parent.parent / "docs" / "reference" / "schemas"
STAMP = Stamp(position=12, sequence=3, recordedtime="2026-11-24T01:02:03.000004Z")
REFUSED_STAMP = Stamp(position=13, sequence=4, recordedtime="2026-11-24T01:02:04.000005Z", refused="step-done")

FINDING = e.Finding(requirement="gambar-konstruksi", reason="tidak-terbaca", note=COMMITMENT)
PLAIN_FINDING = e.Finding(requirement="desain", reason="kedaluwarsa")


def examples() -> tuple[e.AnyEvent, ...]:
    """Returns one event of each version; what may be absent is there in one of them and absent in another."""
    return (
        *_city_examples(),
        *_application_examples(),
        *_quota_examples(),
        *_visit_examples(),
        *_decision_examples(),
        *_money_examples(),
        *_permit_life_examples(),
        *_erasure_examples(),
        *_objection_examples(),
        *_people_examples(),
        *_lateness_examples(),
        *_other_examples(),
    )


def _key_examples() -> tuple[e.AnyEvent, ...]:
    named: dict[str, Any] = {"name": "verification-dlh", "key": to_base64url(bytes(range(32)))}
    about: dict[str, Any] = {"subject": "sender:verification-dlh", "role": "custodian"}
    proposed = e.SenderKeyProposed(act="add", reason="rotation", valid_until="2027-12-31", **named)
    return (
        make_event(proposed, number=3, basis=2, authid=OFFICER_ID, **about),
        make_event(e.SenderKeyAdded(valid_until="2027-12-31", **named), number=4, basis=3, authid=SIGNER_ID, **about),
        make_event(e.SenderKeyRevoked(**named), number=5, basis=4, authid=OFFICER_ID, **about),
    )


def _city_examples() -> tuple[e.AnyEvent, ...]:
    published = publication(catalogue()[REKLAME])
    fields: dict[str, Any] = {"sop": published.sop, "digest": published.digest, "content": published.content}
    old_publication, drafted = e.SopPublishedV1(**fields), e.SopDrafted(**fields)
    owner = {"subject": "sop:reklame-permanen", "role": "catalogue-owner", "authid": OFFICER_ID}
    holidays = (e.Holiday(date="2026-12-25", kind="national"), e.Holiday(date="2026-12-24", kind="collective-leave"))
    return (
        make_event(e.SenderRegistered(name="verification-dlh", stage="verification", agencies=("dlh",)), subject="sender:verification-dlh"),
        make_event(e.SenderRevoked(name="verification-dlh"), subject="sender:verification-dlh", number=2, basis=1),
        *_key_examples(),
        make_event(e.ContractRaised(contract=2), subject="contract:2"),
        make_event(e.CalendarPublished(year=2026, holidays=holidays, opens_minute=480, closes_minute=960), subject="calendar:2026"),
        make_event(old_publication, subject="sop:reklame-permanen", role="pemilik-sop", agency="dpmptsp"),
        make_event(drafted, number=3, basis=2, **owner),
        make_event(e.SopDraftReturned(sop=drafted.sop, digest=drafted.digest, reasons=("dasar-hukum-kurang",)), number=4, basis=3, **owner),
        make_event(published.model_copy(update={"in_force_from": "2027-01-04"}), number=5, basis=4, **{**owner, "authid": SIGNER_ID}),
        make_event(e.SopWithdrawn(sop=REKLAME), subject="sop:reklame-permanen", role="pemilik-sop", agency="dpmptsp", number=2, basis=1),
    )


def _application_examples() -> tuple[e.AnyEvent, ...]:
    reviewer = {"role": "verifikator", "agency": "pupr", "authid": OFFICER_ID, "basis": 2}
    applicant = {"role": "applicant", "authid": APPLICANT_ID}
    submitted = submission(catalogue()[REKLAME])
    power = {"statement": COMMITMENT, "power": "khusus", "power_valid_until": "2027-11-24"}
    by_kuasa = {"filed_as": "kuasa", "filed_for": APPLICANT_ID, "received_at": "2026-11-24T01:02:03.000004Z", **power}
    attachments = (e.Attachment(requirement="gambar-konstruksi", commitment=COMMITMENT),)
    return (
        make_event(for_contract(submitted, 1), **applicant),
        make_event(submitted.model_copy(update=by_kuasa), role="kuasa", authid=SIGNER_ID),
        make_event(
            e.NationalRecorded(system="simbg", number=COMMITMENT, status="issued", happened_at="2026-11-24T01:02:03.000004Z"),
            role="national",
            authid=SIGNER_ID,
            basis=3,
            number=6,
        ),
        make_event(
            e.RepresentationGiven(
                attorney=SIGNER_ID,
                disclosures=(e.Disclosure(name="kuasa-name", commitment=COMMITMENT),),
                statement=COMMITMENT,
                power="akta-notaris",
                valid_until="2027-11-24",
            ),
            basis=2,
            number=2,
            **applicant,
        ),
        make_event(e.RepresentationEnded(reason="withdrawn"), basis=2, number=2, **applicant),
        make_event(e.ApplicationCompleted(step="lengkap"), agency="dpmptsp", basis=1, number=2, causationid=f"{CODE}/intake/1"),
        make_event(e.ApplicationDeemedComplete(step="lengkap"), basis=1),
        make_event(e.ReviewAssigned(step="struktur-ruang", officer=OFFICER_ID), **reviewer),
        make_event(
            e.ReviewCompleted(step="struktur-ruang", round=1, result="findings", findings=(FINDING, PLAIN_FINDING)), number=2, **reviewer
        ),
        make_event(
            e.ExternalRecorded(step="lab", round=1, result="passed", source="laboratorium", number="LHU/0012/2026", read_on="2026-11-24"),
            number=4,
            **{**reviewer, "agency": "dinkes"},
        ),
        make_event(e.CorrectionRequested(round=1, findings=(FINDING, PLAIN_FINDING)), agency="pupr", basis=3, number=3),
        make_event(e.CorrectionSubmitted(round=1, attachments=attachments), basis=4, number=3, **applicant),
        make_event(
            e.RecommendationIssued(step="pernyataan-standar", number="600/12/PUPR", opinion="conditional", conditions=("lampu-tanda",)),
            **{**reviewer, "role": "kepala-opd", "authid": SIGNER_ID},
        ),
        make_event(
            e.ApplicationMovedToSop(sop="reklame-permanen@2", legal_basis="perda-reklame-demo"),
            role="head",
            agency="dpmptsp",
            authid=SIGNER_ID,
            basis=4,
            number=4,
        ),
        make_event(e.ApplicationWithdrawn(reason="batal"), number=4, basis=5, **applicant),
        make_event(e.ApplicationClosed(reason="no-correction"), number=4, basis=6, agency="dpmptsp"),
    )


def _visit_examples() -> tuple[e.AnyEvent, ...]:
    inspector = {"role": "petugas-lapangan", "agency": "pupr", "authid": OFFICER_ID, "basis": 7}
    scheduled = e.VisitScheduled(step="lapangan", visit=1, date="2026-12-01", agencies=("pupr", "dishub"), assignment_letter="090/77/ST")
    offered = e.VisitOffered(
        step="lapangan",
        visit=1,
        dates=("2026-12-01", "2026-12-02", "2026-12-03"),
        agencies=("pupr", "dishub"),
        assignment_letter="090/77/ST",
        answer_working_days=2,
    )
    drawn = e.InspectorsDrawn(
        step="lapangan", visit=1, pool=3, warned=True, inspectors=(OFFICER_ID, SIGNER_ID), persons=(COMMITMENT, "z" * 43)
    )
    failed = e.VisitReported(step="lapangan", visit=1, result="failed", failed_items=("titik-sesuai",), evidence=(COMMITMENT,))
    return (
        make_event(e.AuditDrawn(step="undian", selected=True), agency="kesbangpol", basis=2),
        make_event(scheduled, **inspector),
        make_event(offered, **inspector),
        make_event(
            e.VisitSlotChosen(step="lapangan", visit=1, date="2026-12-02"), role="applicant", authid=APPLICANT_ID, number=4, basis=8
        ),
        make_event(drawn, number=2, **{**inspector, "role": "head", "authid": SIGNER_ID}),
        make_event(e.VisitMoved(step="lapangan", visit=1, date="2026-12-02", reason="hujan"), number=2, **inspector),
        make_event(e.VisitMissed(step="lapangan", visit=1, reason="terkunci"), number=3, **inspector),
        make_event(e.VisitReportedV1(step="lapangan", visit=1, passed=False, evidence=(COMMITMENT, "z" * 43)), number=3, **inspector),
        make_event(failed, number=3, **inspector),
        make_event(e.VisitRecordSigned(step="lapangan", visit=1), number=4, **inspector),
    )


def _decision_examples() -> tuple[e.AnyEvent, ...]:
    officer = {"role": "pejabat-penerbit", "agency": "dpmptsp", "basis": 11}
    permit = e.PermitIssued(
        step="tetap", number="503/0123/REK/2026", valid_from="2026-12-03", valid_until="2027-12-02", conditions=("lampu-tanda", "bongkar")
    )
    return (
        make_event(e.DecisionDrafted(step="tetap", outcome="issue"), authid=OFFICER_ID, number=3, **officer),
        make_event(e.DecisionReturned(step="tetap", reason="nomor-salah"), authid=SIGNER_ID, number=4, **officer),
        make_event(permit, authid=SIGNER_ID, number=5, **officer),
        make_event(e.ApplicationRefused(step="tetap", reasons=("tata-ruang",)), authid=SIGNER_ID, number=5, **officer),
        make_event(
            e.PermitDeemedGranted(number="FP/1", legal_basis="uu-30-2014-53", valid_from="2026-12-21", valid_until="2027-12-20"), basis=11
        ),
    )


def _quota_examples() -> tuple[e.AnyEvent, ...]:
    pool, owner = "quota:trayek-kota-menteng", {"agency": "dishub", "role": "rule"}
    name = pool.partition(":")[2]
    head = {"agency": "dishub", "role": "head", "authid": SIGNER_ID}
    reserved = e.QuotaReserved(quota=name, application=CODE, step="kuota", places=7)
    released = e.QuotaReleased(quota=name, application=CODE, reason="permit-ended")
    return (
        make_event(e.QuotaOpened(quota=name, agency="dishub", capacity=60), subject=pool, **head),
        make_event(e.QuotaChanged(quota=name, capacity=80, reason="armada-bertambah"), subject=pool, number=2, basis=1, **head),
        make_event(reserved, subject=pool, number=3, basis=2, **owner),
        make_event(released, subject=pool, number=4, basis=3, **owner),
        make_event(e.QuotaGranted(step="kuota", quota=name, places=7), basis=2, number=1, **owner),
    )


def _money_examples() -> tuple[e.AnyEvent, ...]:
    treasurer = {"role": "bendahara-penerimaan", "agency": "bpprd", "authid": OFFICER_ID, "basis": 9}
    treasury = {"role": "treasurer", "agency": "bpkad", "authid": OFFICER_ID, "sender": "treasury"}
    head = {"role": "head", "agency": "bpprd", "authid": SIGNER_ID, "basis": 10}
    paid: dict[str, Any] = {"charge": "SKPD/2026/77", "receipt": "STS/9", "amount_rupiah": 1_250_000}
    sums = {"matched_rupiah": 1_250_000, "missing_here_rupiah": 5_000, "missing_there_rupiah": 0, "differing_rupiah": 7}
    counts = {"matched": 1, "missing_here": 1, "missing_there": 0, "differing": 1, "suspended": 1, "suspended_rupiah": 90_000}
    return (
        make_event(e.ChargeAssessed(step="skpd", number="SKPD/2026/77", basis="tax", amount_rupiah=1_250_000), **treasurer),
        make_event(e.DepositRequired(step="jaminan", number="JAM/2026/77", amount_rupiah=100_000), number=2, **treasurer),
        make_event(
            e.ChargeReduced(charge="SKPD/2026/77", amount_rupiah=0, reason="kegiatan-sosial", legal_basis="uu-1-2022"), number=3, **head
        ),
        make_event(e.DepositReleased(charge="JAM/2026/77", reason="sudah-dibongkar"), number=8, **head),
        make_event(e.DepositForfeited(charge="JAM/2026/77", reason="tidak-dibongkar", legal_basis="uu-1-2022"), number=8, **head),
        make_event(e.PaymentCodeIssued(charge="SKPD/2026/77", code="9887000012345678", qr="QR/7K3M9QXT"), basis=10, **treasury),
        make_event(e.PaymentConfirmedV1(**paid), number=2, sender="issuance", **treasurer),
        make_event(e.PaymentConfirmed(**paid, paid_on="2026-12-01", channel="va"), number=2, basis=11, **treasury),
        make_event(e.RefundPaid(number="SP2D/31", amount_rupiah=50_000, receipt="STS/9"), number=3, basis=12, **treasury),
        make_event(
            e.DayReconciled(day="2026-12-01", statement="0" * 63 + "2", **counts, **sums),
            subject="treasury:2026-12-01",
            basis=0,
            **treasury,
        ),
    )


def _permit_life_examples() -> tuple[e.AnyEvent, ...]:
    head = {"role": "pejabat-penerbit", "agency": "dpmptsp", "authid": SIGNER_ID}
    reasons, basis = ("tidak-sesuai-izin", "membahayakan-umum"), "perda-reklame-demo"
    request = e.RenewalRequested(
        facts=(e.DeclaredFact(name="muka", value=1),), attachments=(e.Attachment(requirement="desain", commitment=COMMITMENT),)
    )
    accepted = e.TransferAccepted(
        attachments=(e.Attachment(requirement="hak-lahan", commitment=COMMITMENT),),
        disclosures=(e.Disclosure(name="name", commitment=COMMITMENT),),
    )
    slip: dict[str, Any] = {"field": "holder-name", "reason": "salah-ketik", "document": COMMITMENT}
    return (
        make_event(e.WarningIssued(level=1, reasons=reasons, answer_working_days=7), number=6, basis=12, **head),
        make_event(e.PermitSuspended(reasons=reasons[:1], legal_basis=basis), number=7, basis=13, **head),
        make_event(e.PermitReinstated(reason="sudah-diperbaiki"), number=8, basis=14, **head),
        make_event(e.PermitRevoked(reasons=reasons, legal_basis=basis), number=9, basis=15, **head),
        make_event(e.PermitAnnulled(reasons=("data-tidak-benar",), legal_basis=basis), number=9, basis=15, **head),
        make_event(e.PermitSurrendered(reason="usaha-tutup"), number=4, basis=15, role="applicant", authid=APPLICANT_ID),
        make_event(e.PermitCorrectionDrafted(**slip), number=10, basis=12, **{**head, "role": "officer", "authid": OFFICER_ID}),
        make_event(e.PermitCorrectionReturned(reason="nomor-salah"), number=11, basis=13, **head),
        make_event(e.PermitCorrected(**slip), number=11, basis=13, **head),
        make_event(e.PermitDuplicateIssued(duplicate=1, reason="hilang"), number=4, basis=13, role="applicant", authid=APPLICANT_ID),
        make_event(e.PermitExpiryAnnounced(valid_until="2027-12-20", days_before=30), number=2, basis=14),
        make_event(request, number=5, basis=15, role="applicant", authid=APPLICANT_ID),
        make_event(
            e.PermitDeemedRenewed(
                number="FP/PKY-36BS-2WSW-K54E-F/P1", legal_basis="uu-30-2014-53", valid_from="2027-12-21", valid_until="2028-12-20"
            ),
            number=4,
            basis=20,
        ),
        make_event(e.PermitRenewed(step="tetap", valid_from="2027-12-21", valid_until="2028-12-20"), number=12, basis=20, **head),
        make_event(e.TransferOffered(to=SIGNER_ID), number=6, basis=16, role="applicant", authid=APPLICANT_ID),
        make_event(accepted, number=7, basis=17, role="applicant", authid=SIGNER_ID),
        make_event(e.TransferRefused(reasons=("data-tidak-benar",)), number=13, basis=18, **{**head, "authid": OFFICER_ID}),
        make_event(e.PermitTransferred(to=SIGNER_ID), number=13, basis=18, **{**head, "authid": OFFICER_ID}),
        make_event(e.PermitExpired(valid_until="2027-12-20"), number=3, basis=16),
    )


def _erasure_examples() -> tuple[e.AnyEvent, ...]:
    officer = {"role": "pdp-officer", "agency": "dpmptsp", "authid": OFFICER_ID}
    return (
        make_event(e.LegalHoldPlaced(number="PN/2026/12", reason="court"), number=4, basis=12, **officer),
        make_event(e.LegalHoldLifted(number="PN/2026/12"), number=5, basis=13, **officer),
        make_event(e.SubjectForgotten(reason="retention-ended"), number=6, basis=14, **officer),
    )


def _objection_examples() -> tuple[e.AnyEvent, ...]:
    applicant = {"role": "applicant", "authid": APPLICANT_ID}
    head = {"role": "head", "agency": "dpmptsp", "authid": SIGNER_ID}
    superior = {"role": "superior", "agency": "setda", "authid": OFFICER_ID}
    drafter = {"role": "officer", "agency": "dpmptsp", "authid": OFFICER_ID}
    objection, appeal = "KEB/36BS-2WSW-K54E-F/1", "BDG/36BS-2WSW-K54E-F/1"
    lodged = e.ObjectionLodged(number=objection, grounds=("penilaian-keliru", "bukti-baru"), statement=COMMITMENT)
    rejected = e.ObjectionDecided(number=objection, result="rejected", reasons=("penolakan-sesuai-aturan",))
    return (
        make_event(lodged, number=5, basis=12, **applicant),
        make_event(
            e.AnswerDrafted(number=objection, result="rejected", reasons=("penolakan-sesuai-aturan",)), number=8, basis=13, **drafter
        ),
        make_event(
            e.InvolvedDrafterAllowed(number=objection, officer=OFFICER_ID, reason="tidak-ada-pegawai-lain"), number=8, basis=13, **head
        ),
        make_event(rejected, number=6, basis=13, **head),
        make_event(e.ObjectionDeemedGranted(number=objection, legal_basis="uu-30-2014-77"), number=3, basis=13),
        make_event(e.AppealLodged(number=appeal, grounds=("aturan-tidak-tepat",)), number=6, basis=14, **applicant),
        make_event(e.AppealDecided(number=appeal, result="granted", reasons=("keberatan-beralasan",)), number=7, basis=15, **superior),
        make_event(e.AppealDeemedGranted(number=appeal, legal_basis="uu-30-2014-78"), number=3, basis=15),
        make_event(e.RefusalSettled(round=1, unused="appeal"), number=3, basis=14),
    )


def _people_examples() -> tuple[e.AnyEvent, ...]:
    head = {"role": "head", "agency": "pupr", "authid": SIGNER_ID}
    acting = e.ActingAppointed(
        agency="pupr", kind="plh", officer=OFFICER_ID, letter="800/12/SP", valid_from="2026-11-23", valid_until="2026-12-04"
    )
    return (
        make_event(acting, subject="agency:pupr", role="catalogue-owner", authid=SIGNER_ID),
        make_event(e.ReviewReassigned(step="struktur-ruang", officer=SIGNER_ID, reason="cuti"), number=3, basis=3, **head),
        make_event(
            e.SopAcknowledged(sop=REKLAME),
            subject="sop:reklame-permanen",
            number=6,
            basis=5,
            role="officer",
            agency="pupr",
            authid=OFFICER_ID,
        ),
        make_event(
            e.SopWaived(sop=REKLAME, officer=OFFICER_ID, reason="dinas-luar", valid_until="2026-12-31"),
            subject="sop:reklame-permanen",
            number=7,
            basis=6,
            **head,
        ),
        make_event(e.ConflictDeclared(reason="keluarga"), number=4, basis=4, role="officer", agency="pupr", authid=OFFICER_ID),
        make_event(e.RecheckAllowed(step="struktur-ruang", requirement="desain", reason="informasi-baru"), number=5, basis=5, **head),
    )


def _lateness_examples() -> tuple[e.AnyEvent, ...]:
    head = {"role": "head", "agency": "dishub", "authid": SIGNER_ID}
    inspectorate = {"role": "inspector", "agency": "inspektorat", "authid": OFFICER_ID, "sender": "verification"}
    breach: dict[str, Any] = {"step": "lalin", "round": 1}
    owner = {"subject": "calendar:2026", "role": "catalogue-owner", "authid": SIGNER_ID}
    haze = e.ForceMajeureDeclared(
        number="188.45/77/2026",
        legal_basis="uu-24-2007",
        reason="kabut-asap",
        from_day="2026-09-14",
        until_day="2026-09-18",
        agencies=("dishub", "pupr"),
        systems=("city", "oss"),
    )
    contested = e.BreachContested(reason="sistem-nasional-gangguan", evidence=(COMMITMENT,), **breach)
    return (
        make_event(e.DeadlineEscalated(agency="dishub", level=1, **breach), number=2, basis=4),
        make_event(contested, sender="verification", number=6, basis=5, **head),
        make_event(e.BreachUpheld(of_agency="dishub", reason="dalam-kendali", **breach), number=7, basis=6, **inspectorate),
        make_event(e.BreachDismissed(of_agency="dishub", reason="bukti-cukup", **breach), number=7, basis=6, **inspectorate),
        make_event(e.BreachPublished(agency="dishub", **breach), number=3, basis=5),
        make_event(haze, **owner),
        make_event(e.ForceMajeureEnded(number="188.45/77/2026", last_day="2026-09-16"), number=2, basis=1, **owner),
    )


def _other_examples() -> tuple[e.AnyEvent, ...]:
    due, happened = "2026-11-26T09:00:00.000000Z", "2011-10-11T11:45:40.276000Z"
    legacy = e.LegacyRecorded(
        log="0" * 63 + "1",
        case_index=0,
        event_index=5,
        events_total=8577,
        activity="T02 Check confirmation of receipt",
        lifecycle="complete",
        happened_at=happened,
        performer="resource21",
        channel="web",
        due_at="2011-12-06T12:41:31.788000Z",
        closed_at="2011-10-19T13:35:34.788000Z",
    )
    return (
        make_event(e.DeadlineMissed(step="lalin", round=1, party="agency", agency="dishub", due_at=due), basis=2),
        make_event(e.NumberSkipped(sender="intake", number=7, reason="tidak-terbaca"), basis=6, role="pengelola"),
        make_event(legacy, subject="legacy:lama/case-10011", role="arsip"),
    )


def entries(event_raw: bytes) -> tuple[bytes, bytes]:
    """Returns two entries of an event: one that stands and one that was refused."""
    return make_entry(event_raw, STAMP).raw, make_entry(event_raw, REFUSED_STAMP).raw


def main() -> None:
    """Writes what is missing of the golden files, and the schemas."""
    EVENTS.mkdir(exist_ok=True)
    hashes = orjson.loads(LEAF_HASHES.read_bytes()) if LEAF_HASHES.exists() else {}
    for event in examples():
        path = EVENTS / f"{event.type}.json"
        if not path.exists():
            path.write_bytes(encode(event))
        hashes.setdefault(event.type, [leaf_hash(raw).hex() for raw in entries(path.read_bytes())])
    LEAF_HASHES.write_bytes(orjson.dumps(hashes, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (SCHEMAS / f"{name}.json").write_bytes(schema_bytes(schema))


def schema_bytes(schema: object) -> bytes:
    """Returns a schema as its published file."""
    return orjson.dumps(orjson.loads(canonical(schema)), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    main()
