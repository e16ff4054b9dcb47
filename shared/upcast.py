"""Old versions of events in the newest form, and back where a city has not raised its contract yet; pure and total."""

from collections.abc import Callable
from typing import Any

from shared.events import (
    EVENTS,
    AnyEvent,
    ApplicationSubmitted,
    ApplicationSubmittedV1,
    Data,
    Event,
    PaymentConfirmed,
    PaymentConfirmedV1,
    SopPublished,
    SopPublishedV1,
    VisitReported,
    VisitReportedV1,
)

WHOLE_VISIT = "whole-visit"


def _visit_reported_v2(old: VisitReportedV1) -> VisitReported:
    # The first form did not say which items failed, so the whole visit counts as the failed item.
    if old.passed:
        return VisitReported(step=old.step, visit=old.visit, result="passed", evidence=old.evidence)
    return VisitReported(step=old.step, visit=old.visit, result="failed", failed_items=(WHOLE_VISIT,), evidence=old.evidence)


def _visit_reported_v1(new: VisitReported) -> VisitReportedV1:
    return VisitReportedV1(step=new.step, visit=new.visit, passed=new.result == "passed", evidence=new.evidence)


def _sop_published_v2(old: SopPublishedV1) -> SopPublished:
    # The first form held from its entry on.
    return SopPublished(sop=old.sop, digest=old.digest, content=old.content)


def _sop_published_v1(new: SopPublished) -> SopPublishedV1:
    # A day gets lost here, but where the contract does not allow drafts there is no publication with a day: only the one by rule.
    return SopPublishedV1(sop=new.sop, digest=new.digest, content=new.content)


def _submitted_v2(old: ApplicationSubmittedV1) -> ApplicationSubmitted:
    # The first form knew applicants only.
    return ApplicationSubmitted.model_construct(**old.__dict__, filed_as="self")


def _submitted_v1(new: ApplicationSubmitted) -> ApplicationSubmittedV1:
    # Who files for whom gets lost here, so intake takes only what applicants file themselves where the contract is not raised.
    return ApplicationSubmittedV1.of(**{name: getattr(new, name) for name in ApplicationSubmittedV1.model_fields})


def _payment_confirmed_v2(old: PaymentConfirmedV1) -> PaymentConfirmed:
    # The first form did not say on which day and by which channel: it counts on the day of its entry.
    return PaymentConfirmed(charge=old.charge, receipt=old.receipt, amount_rupiah=old.amount_rupiah)


def _payment_confirmed_v1(new: PaymentConfirmed) -> PaymentConfirmedV1:
    return PaymentConfirmedV1(charge=new.charge, receipt=new.receipt, amount_rupiah=new.amount_rupiah)


UPCASTERS: dict[type[Data], Callable[[Any], Data]] = {
    ApplicationSubmittedV1: _submitted_v2,
    VisitReportedV1: _visit_reported_v2,
    SopPublishedV1: _sop_published_v2,
    PaymentConfirmedV1: _payment_confirmed_v2,
}
DOWNCASTERS: dict[type[Data], Callable[[Any], Data]] = {
    ApplicationSubmitted: _submitted_v1,
    VisitReported: _visit_reported_v1,
    SopPublished: _sop_published_v1,
    PaymentConfirmed: _payment_confirmed_v1,
}

_EVENT_OF: dict[type[Data], type[AnyEvent]] = {data: Event[data] for data in EVENTS}  # type: ignore[valid-type]  # a class from the registry


def upcast_data(data: Data) -> Data:
    """Returns the newest version of the data; a newest one as it is."""
    while upcaster := UPCASTERS.get(type(data)):
        data = upcaster(data)
    return data


def for_contract(data: Data, contract: int) -> Data:
    """Returns the data in the newest version that the city's contract number allows."""
    while contract < data.SINCE_CONTRACT and (downcaster := DOWNCASTERS.get(type(data))):
        data = downcaster(data)
    return data


def upcast(event: AnyEvent) -> AnyEvent:
    """Returns the event with its data in the newest version; id, subject and times stay."""
    data = upcast_data(event.data)
    if data is event.data:
        return event
    return _EVENT_OF[type(data)].model_construct(**{**event.__dict__, "data": data, "type": data.type_name()})
