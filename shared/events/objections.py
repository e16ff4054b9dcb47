"""Objection and appeal against an act (keberatan, banding administratif): lodged, decided, granted by silence, or not used in time."""

from typing import Annotated, Literal

from pydantic import Field

from shared.events.base import Data
from shared.fields import AuthId, Commitment, OfficialNumber, Ordinal, Slug

Reasons = Annotated[tuple[Slug, ...], Field(min_length=1, max_length=10)]
Instance = Literal["objection", "appeal"]
# The acts that may be objected to: what an agency, or a rule for it, has done against an application or a permit.
Contested = Literal["refusal", "closing", "renewal-refusal", "revocation", "annulment"]
# An event that names no act is about a refusal, and that is its one spelling: the first form knew no other act.
Other = Literal["closing", "renewal-refusal", "revocation", "annulment"]


class ObjectionLodged(Data):
    """The applicant objects to an act, to the official who decided: on which grounds by code, and the commitment to their own words."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "objection.lodged", "decision", frozenset({"intake"}), 4
    LABELS = ("keberatan diajukan", "objection lodged")
    number: OfficialNumber
    grounds: Reasons
    statement: Commitment = ""
    against: Other = "refusal"  # type: ignore[assignment]  # the default is left out, never written


class AnswerDrafted(Data):
    """Somebody who had no part in the matter proposes the answer to an objection or appeal; whoever answers may decide otherwise."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "objection.answer-drafted", "decision", frozenset({"issuance"}), 4
    LABELS = ("konsep jawaban disusun", "answer drafted")
    number: OfficialNumber
    result: Literal["granted", "rejected"]
    reasons: Reasons


class InvolvedDrafterAllowed(Data):
    """Whoever answers lets somebody draft the answer who had a part in the matter, because nobody else is there, and answers for the reason."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "objection.drafter-allowed", "decision", frozenset({"issuance"}), 4
    LABELS = ("penyusun yang terlibat diizinkan", "involved drafter allowed")
    number: OfficialNumber
    officer: AuthId
    reason: Slug


class ObjectionDecided(Data):
    """The official who decided answers the objection; granted, the act is taken back, and where something is to be decided anew that follows."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "objection.decided", "decision", frozenset({"issuance"}), 4
    LABELS = ("keberatan diputus", "objection decided")
    number: OfficialNumber
    result: Literal["granted", "rejected"]
    reasons: Reasons


class ObjectionDeemedGranted(Data):
    """The days to answer an objection are over and nobody did: granted by law, said by the ledger's clock."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "objection.deemed-granted", "decision", frozenset({"ledger"}), 4
    LABELS = ("keberatan dianggap dikabulkan", "objection deemed granted")
    number: OfficialNumber
    legal_basis: Slug


class AppealLodged(Data):
    """The applicant appeals against the rejection of an objection, to the superior of the official who decided."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "appeal.lodged", "decision", frozenset({"intake"}), 4
    LABELS = ("banding administratif diajukan", "appeal lodged")
    number: OfficialNumber
    grounds: Reasons
    statement: Commitment = ""
    against: Other = "refusal"  # type: ignore[assignment]  # the default is left out, never written


class AppealDecided(Data):
    """The superior answers the appeal; granted, the act is taken back, and where something is to be decided anew that follows."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "appeal.decided", "decision", frozenset({"issuance"}), 4
    LABELS = ("banding administratif diputus", "appeal decided")
    number: OfficialNumber
    result: Literal["granted", "rejected"]
    reasons: Reasons


class AppealDeemedGranted(Data):
    """The days to answer an appeal are over and nobody did: granted by law, said by the ledger's clock."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "appeal.deemed-granted", "decision", frozenset({"ledger"}), 4
    LABELS = ("banding dianggap dikabulkan", "appeal deemed granted")
    number: OfficialNumber
    legal_basis: Slug


class RefusalSettled(Data):
    """The days to object to a refusal or another act, or to appeal against the answer, are over and nobody did: said by the ledger's clock."""

    NAME, KIND, SAID_BY, SINCE_CONTRACT = "refusal.settled", "decision", frozenset({"ledger"}), 4
    LABELS = ("keputusan menjadi tetap", "decision settled")
    round: Ordinal
    unused: Instance
    against: Other = "refusal"  # type: ignore[assignment]  # the default is left out, never written
