"""Who stands on the applicant's side: the applicant, an attorney in fact (kuasa) while the power lasts, a counter's assistant who filed.

Everybody is known by the `authid` of this application alone. Whoever stands on this side judges nothing on the other: the same person may
sign in as an officer elsewhere, but not for this application.
"""

from typing import Final, NamedTuple

from shared import events as e
from shared.case_model import Case
from shared.sop.permit import ACCEPT_TRANSFER, HOLDER_COMMANDS, OFFER_TRANSFER, permit_refusal

APPLICANT: Final = "applicant"
PARTNER: Final = "partner"
KUASA: Final = "kuasa"
COUNTER: Final = "counter"
SERVICE_COUNTER: Final = "dpmptsp"  # whose counter helps people to file (loket pelayanan)
ACTING_ROLES: Final = (APPLICANT, PARTNER, KUASA)  # who may act for an application once it is there
FILING_ROLES: Final = (*ACTING_ROLES, COUNTER)
# Kinds of power of attorney that the city takes: of one matter only, or by a notary's deed (surat kuasa khusus, akta notaris).
POWERS: Final = ("khusus", "akta-notaris")
OWN_APPLICATION: Final = "own-application"
# By whom an application was filed, as screens and receipts say it.
FILED: Final[dict[str, tuple[str, str]]] = {
    "self": ("diajukan sendiri oleh pemohon", "filed by the applicant"),
    "kuasa": ("diajukan oleh kuasa pemohon", "filed by an attorney in fact"),
    "assisted": ("diajukan pemohon di loket dengan bantuan petugas", "filed at the counter with an assistant's help"),
}
CORRECTION: Final = "perbaikan"  # the step of the applicant's answer to a list of corrections


def applicant_refusal(case: Case, role: str, authid: str, day: str) -> str:
    """Returns why somebody may not act as the applicant on a local date, empty when they may: the applicant, or a kuasa with a power."""
    if role != KUASA:
        return "" if authid == case.submitter else "not-yours"
    power = case.representation
    if power is None or power.authid != authid:
        return "not-yours"
    if power.ended:
        return "power-ended"
    return "power-expired" if power.valid_until < day else ""


def end_refusal(case: Case, role: str, authid: str) -> str:
    """Returns why somebody may not end a power of attorney, empty when they may: the applicant withdraws it, the attorney lays it down."""
    power = case.representation
    if power is None:
        return "no-representation"
    if authid != (power.authid if role == KUASA else case.submitter):
        return "not-yours"
    return "power-ended" if power.ended else ""


def offered(case: Case, role: str, authid: str, day: str, ended: str) -> tuple[tuple[str, str, str], ...]:
    """Returns what may be done in the applicant's name: command, step, and the refusal if it may not; `ended` is that of an ended case."""
    theirs = applicant_refusal(case, role, authid, day)
    end = (("end-representation", "", end_refusal(case, role, authid)),) if case.representation else ()
    held = _with_the_permit(case, role, authid, theirs)
    if ended:
        return (("withdraw", "", ended), *held, *end)
    correct = theirs if case.correction else "no-correction-open"
    choose = (("choose-slot", case.offer.step, theirs),) if case.offer else ()
    return (("correct", CORRECTION, correct), ("withdraw", "", theirs), *choose, *held, *end)


def _with_the_permit(case: Case, role: str, authid: str, theirs: str) -> tuple[tuple[str, str, str], ...]:
    """Returns what its holder may ask for; a transfer is offered and accepted by the persons themselves, never by a kuasa."""
    if case.permit is None:
        return ()
    asked = tuple(
        (command, "", theirs or permit_refusal(case, command)) for command in HOLDER_COMMANDS if command != OFFER_TRANSFER or role != KUASA
    )
    transfer = case.permit.transfer
    if role == KUASA or transfer is None or transfer.to != authid:
        return asked
    return (*asked, (ACCEPT_TRANSFER, "", permit_refusal(case, ACCEPT_TRANSFER, authid)))


def on_their_side(case: Case, authid: str) -> bool:
    """Says whether somebody applies here or has filed for the applicant, and therefore judges nothing."""
    return bool(authid) and authid in (case.submitter, case.filed_by)


def side_refusal(case: Case, role: str, authid: str) -> str:
    """Returns why somebody may not act in an office's role here, empty when nothing stands against it."""
    return OWN_APPLICATION if role not in ACTING_ROLES and on_their_side(case, authid) else ""


class Filer(NamedTuple):
    """Who hands an application in: role, agency, and the identity for this application."""

    role: str
    agency: str
    authid: str


def filing_problem(by: Filer, data: e.ApplicationSubmitted, day: str) -> str:
    """Returns why a submission does not say rightly who files for whom, empty when it does."""
    if data.filed_as == "self":
        return "not-allowed" if by.role in (KUASA, COUNTER) else ""
    if (by.role, by.agency) != {"kuasa": (KUASA, ""), "assisted": (COUNTER, SERVICE_COUNTER)}[data.filed_as]:
        return "not-allowed"
    if not data.filed_for or not data.statement:
        return "filing-incomplete"
    if data.filed_for == by.authid:
        return "filed-for-oneself"
    return _power_problem(data, day) if data.filed_as == "kuasa" else ""


def _power_problem(data: e.ApplicationSubmitted, day: str) -> str:
    if data.power not in POWERS or not data.power_valid_until:
        return "filing-incomplete"
    return "power-expired" if data.power_valid_until < day else ""
