"""Who stands on the applicant's side: the applicant, an attorney in fact (kuasa) while the power lasts, a counter's assistant who filed.

Everybody is known by the `authid` of this application alone. Whoever stands on this side judges nothing on the other: the same person may
sign in as an officer elsewhere, but not for this application.
"""

from typing import Final, NamedTuple

from shared import events as e
from shared.case_model import Case
from shared.sop.permit import ACCEPT_TRANSFER, HOLDER_COMMANDS, OFFER_TRANSFER, STATES_OVER, permit_refusal

APPLICANT: Final = "applicant"
PARTNER: Final = "partner"
KUASA: Final = "kuasa"
COUNTER: Final = "counter"
SERVICE_COUNTER: Final = "dpmptsp"  # whose counter helps people to file (loket pelayanan)
ACTING_ROLES: Final = (APPLICANT, PARTNER, KUASA)  # who may act for an application once it is there
FILING_ROLES: Final = (*ACTING_ROLES, COUNTER)
# Kinds of power of attorney that the city takes: of one matter only, or by a notary's deed (surat kuasa khusus, akta notaris).
POWERS: Final = ("khusus", "akta-notaris")
ASIDE_MAX: Final = 50  # how many may have stood on the applicant's side, one after the other
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
    return _power_refusal(case, authid, day)


def _power_refusal(case: Case, authid: str, day: str) -> str:
    power = case.representation
    if power is None or power.authid != authid:
        return "power-ended" if power is not None and authid in case.stood_aside else "not-yours"
    if power.ended:
        return "power-ended"
    return "power-expired" if power.valid_until < day else ""


def receipt_refusal(case: Case, role: str, authid: str, day: str) -> str:
    """Returns why somebody gets no receipt on a local date, empty for the applicant, who helped them to file, and a kuasa with a power."""
    helped = case.filed_as == "assisted" and authid == case.filed_by
    if authid == case.submitter or helped:
        return ""
    return _power_refusal(case, authid, day) if role == KUASA else "not-yours"


def giving_refusal(case: Case, role: str, authid: str) -> str:
    """Returns why somebody may not give a power of attorney, empty when they may: the applicant, while anything can still be done here."""
    if role == KUASA:
        return "not-allowed"
    if authid != case.submitter:
        return "not-yours"
    if case.outcome in ("withdrawn", "closed"):
        return f"already-{case.outcome}"
    if case.permit is not None and case.permit.state in STATES_OVER:
        return "permit-over"
    return "too-many-powers" if len(case.stood_aside) >= ASIDE_MAX else ""


def given_problem(case: Case, attorney: str, power: str, valid_until: str, day: str) -> str:
    """Returns why nobody can be given this power, empty when they can: who has a part on the other side, or a power of no known kind."""
    if attorney == case.submitter:
        return "power-to-oneself"
    worked = {state.authid for state in case.steps.values()} | set(case.officers.values())
    if attorney in worked or attorney in case.conflicts:
        return "attorney-of-the-office"
    return _power_problem(power, valid_until, day)


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
    end = (("give-power", "", giving_refusal(case, role, authid)), *end) if role != KUASA else end
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


def their_side(case: Case) -> frozenset[str]:
    """Returns everybody who applies here, acts or has filed for the applicant, or did so once, and therefore judges nothing."""
    attorney = case.representation.authid if case.representation else ""
    return frozenset((case.submitter, case.filed_by, attorney, *case.stood_aside)) - {""}


def on_their_side(case: Case, authid: str) -> bool:
    """Says whether somebody is among them."""
    return authid in their_side(case)


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
    return _power_problem(data.power, data.power_valid_until, day) if data.filed_as == "kuasa" else ""


def _power_problem(power: str, valid_until: str, day: str) -> str:
    if power not in POWERS or not valid_until:
        return "filing-incomplete"
    return "power-expired" if valid_until < day else ""
