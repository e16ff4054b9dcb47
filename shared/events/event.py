"""The event itself: its data part in a CloudEvents envelope."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from shared.events.base import Data
from shared.fields import AuthId, EventId, Frozen, Slug, Subject, Timestamp

DataT_co = TypeVar("DataT_co", bound=Data, covariant=True)


class Event(Frozen, Generic[DataT_co]):
    """An event as CloudEvents 1.0 in structured mode; the extension attributes are `basis`, `authid`, `role`, `agency`, `causationid`.

    `id` is `<subject>/<sender>/<n>`, n counting that sender's events of that subject from 1 without gaps; `basis` is the subject's
    sequence that the sender had seen; `authid` is an HMAC of the person for this subject; `time` is the sender's claim.
    """

    agency: Slug = ""
    authid: AuthId = ""
    basis: Annotated[int, Field(ge=0, le=2**31 - 1)]
    causationid: EventId = ""
    data: DataT_co
    id: EventId
    role: Slug
    source: Annotated[str, Field(pattern=r"^/[a-z0-9-]{1,40}/[a-z][a-z0-9-]{0,39}$")]
    specversion: Literal["1.0"]
    subject: Subject
    time: Timestamp
    type: Annotated[str, Field(pattern=r"^id\.jejakizin\.[a-z-]+\.[a-z-]+\.v[1-9][0-9]?$")]

    @property
    def sender(self) -> str:
        """The deployment that said it."""
        return self.source.rpartition("/")[2]

    @property
    def city(self) -> str:
        """The city whose deployment said it."""
        return self.source[1:].partition("/")[0]

    @property
    def number(self) -> int:
        """The sender's number of this event within the subject, from 1."""
        return int(self.id.rpartition("/")[2])


AnyEvent = Event[Data]


def make_event(data: Data, **attributes: Any) -> AnyEvent:  # noqa: ANN401 - the event's own attributes
    """Returns an event around its data; raises `pydantic.ValidationError`."""
    attributes |= {"data": data, "specversion": "1.0", "type": data.type_name()}
    return Event[type(data)](**attributes)  # type: ignore[misc,operator,no-any-return]  # the class of this very data
