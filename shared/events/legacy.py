"""Other systems' histories."""

from shared.events.base import Channel, Data
from shared.fields import ActivityLabel, Count, Digest, Ordinal, Slug, Timestamp


class LegacyRecorded(Data):
    """One event of another system's log, as it stood there; its own time is a claim of that system."""

    NAME, KIND, SAID_BY = "legacy.recorded", "fact", frozenset({"archive"})
    LABELS = ("riwayat lama dicatat", "legacy event recorded")
    log: Digest
    case_index: Count
    event_index: Count
    events_total: Ordinal
    activity: ActivityLabel
    lifecycle: Slug
    happened_at: Timestamp
    performer: Slug
    channel: Channel
    due_at: Timestamp = ""
    closed_at: Timestamp = ""
