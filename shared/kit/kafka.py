"""Kafka for one sender: its producer, its subscription with a parser that no header can kill, and the retry that everything outside uses."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from faststream import AckPolicy
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import SASLScram512

from shared.kit.settings import Settings
from shared.kit.telemetry import log
from shared.kit.tracing import heard

BATCH_RECORDS_MAX: Final = 500
POLL_MS: Final = 1000
COMMIT_SECONDS: Final = 5.0
FETCH_WAIT_MS: Final = 5_000
# A request that waits for some topics keeps the others waiting, too: those whose records were in hand when it was sent.
FETCH_WAIT_MANY_TOPICS_MS: Final = 200
BATCH_BYTES_MAX: Final = 900_000
SEAL_HEADER: Final = "seal"
RETRY_SECONDS_MIN: Final = 0.2
RETRY_SECONDS_MAX: Final = 5.0
KafkaFailure = (KafkaError, FastStreamException, OSError, asyncio.TimeoutError)


class Record(NamedTuple):
    """One Kafka record as the kit sees it; a null value is empty bytes, and of the headers only a readable trace context and the seal are taken."""

    topic: str
    offset: int
    value: bytes
    traceparent: str = ""
    seal: bytes = b""


Handler = Callable[[Sequence[Record]], Awaitable[None]]


def _security(settings: Settings) -> SASLScram512:
    return SASLScram512(settings.kafka_user, settings.kafka_password, use_ssl=False)


def client_options(settings: Settings) -> dict[str, Any]:
    """Returns aiokafka's connection options of this sender."""
    return {
        "bootstrap_servers": settings.kafka_servers,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": settings.kafka_password,
    }


async def _parse(records: Sequence[ConsumerRecord[bytes, bytes]], _original: object = None) -> KafkaMessage:
    """Reads no header: FastStream's own parser dies on a null or non-UTF-8 one, and the whole batch with it."""
    return KafkaMessage(
        body=b"",
        headers={},
        batch_headers=[],
        reply_to="",
        content_type=None,
        message_id="",
        correlation_id=None,
        raw_message=tuple(records),
        path={},
        consumer=None,  # type: ignore[arg-type]  # set by FastStream's own wrapper
    )


async def _decode(message: KafkaMessage) -> KafkaMessage:
    """The batch itself, with its records and its acknowledgement: the kit reads the bytes."""
    return message


class _PatientSubscriber(BatchSubscriber):
    """Waits in the poll itself, which ends when a record comes; FastStream's own sleeps once more after an empty poll, so it has to poll often."""

    __slots__ = ()

    async def get_msg(self, consumer: AIOKafkaConsumer) -> tuple[ConsumerRecord[bytes, bytes], ...]:
        messages = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS_MAX)
        return tuple(chain(*messages.values()))


def subscribe(
    settings: Settings,
    handler: Handler,
    *,
    pace_seconds: float,
    topic: str = "",
    pattern: str = "",
    offset_of: Callable[[str], int] | None = None,
) -> KafkaBroker:
    """Returns a broker whose batches go to the handler, which must not raise; offsets are committed now and then after it.

    What comes alone is handled at once. Under load a batch is what came within the pace, because a transaction costs nearly the same for
    one record as for ten. With `offset_of` each topic starts at the offset that it gives, whatever Kafka remembers.
    """
    listener = SeekToTracked(offset_of) if offset_of else None
    broker = KafkaBroker(
        settings.kafka_servers,
        security=_security(settings),
        parser=_parse,
        decoder=_decode,
        logger=None,
        # The handler has one argument of a known kind; matching it anew took more of each batch than its records did, and a thread's turn.
        apply_types=False,
        client_id=settings.sender,
        metadata_max_age_ms=5_000,
    )

    subscriber = broker.subscriber(
        *([topic] if topic else []),
        pattern=pattern or None,
        batch=True,
        ack_policy=AckPolicy.MANUAL,
        group_id=settings.sender,
        # A static member takes its partitions back at once after a kill, instead of waiting until its own session has timed out.
        group_instance_id=settings.sender,
        auto_offset_reset="earliest",
        max_records=BATCH_RECORDS_MAX,
        fetch_max_wait_ms=FETCH_WAIT_MS if topic else FETCH_WAIT_MANY_TOPICS_MS,
        title=topic or pattern,
        listener=listener,
    )
    subscriber.__class__ = _PatientSubscriber

    clock = asyncio.get_running_loop().time
    committed_at = 0.0

    @subscriber
    async def receive(message: KafkaMessage) -> None:
        nonlocal committed_at
        begun = clock()
        records = [
            Record(record.topic, record.offset, record.value or b"", heard(record.headers), _seal_in(record.headers))
            for record in message.raw_message
        ]
        await handler(records)
        if begun - committed_at > COMMIT_SECONDS:
            # A convenience for whoever looks at the group: the database knows what was applied.
            await message.ack()
            committed_at = begun
        await asyncio.sleep(max(0.0, begun + pace_seconds - clock()))

    if listener is not None:
        listener.broker = broker
    return broker


def _seal_in(headers: Sequence[tuple[str, bytes | None]]) -> bytes:
    for name, value in headers:
        if name == SEAL_HEADER:
            return value or b""
    return b""


class SeekToTracked(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types for it
    """Starts each assigned topic where the database says: after a restored backup Kafka's own offset would be too late."""

    def __init__(self, offset_of: Callable[[str], int]) -> None:
        self._offset_of = offset_of
        self.broker: KafkaBroker | None = None

    async def on_partitions_revoked(self, _revoked: Sequence[TopicPartition]) -> None:
        """Needs nothing done."""

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Seeks."""
        consumer = self.broker.subscribers[0].consumer if self.broker else None  # type: ignore[attr-defined]  # FastStream's Kafka subscriber
        for partition in assigned:
            offset = await asyncio.to_thread(self._offset_of, partition.topic)
            if consumer is not None:
                consumer.seek(partition, offset)


class Publisher:
    """Publishes records in order to one partition with an idempotent producer; made anew after any failure."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, values: Sequence[tuple[bytes, list[tuple[str, bytes]]]]) -> None:
        """Sends values with their headers and waits for all acknowledgements; raises a `KafkaFailure`, after which it may be repeated."""
        try:
            producer = self._producer or await self._start()
            waiting = []
            batch = producer.create_batch()
            for value, headers in values:
                if batch.append(key=None, value=value, timestamp=None, headers=headers) is None:
                    waiting.append(await producer.send_batch(batch, self._topic, partition=0))
                    batch = producer.create_batch()
                    if batch.append(key=None, value=value, timestamp=None, headers=headers) is None:
                        raise MessageSizeTooLargeError
            waiting.append(await producer.send_batch(batch, self._topic, partition=0))
            await asyncio.gather(*waiting)
        except BaseException:
            await self.close()
            raise

    async def _start(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES_MAX,
            request_timeout_ms=15_000,
            client_id=self._settings.sender,
            **client_options(self._settings),
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer
        return producer

    async def close(self) -> None:
        """Stops the producer, bounded: a broken connection may not hold up the process."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(producer.stop(), 5)
            except KafkaFailure as error:
                log().info("the producer did not stop cleanly", error=type(error).__name__)


async def retrying(
    name: str, step: Callable[[], Awaitable[object]], failures: tuple[type[BaseException], ...], problem: Callable[[str, str], None]
) -> None:
    """Runs a step until it succeeds, waiting longer after each failure; reports the failure and its end to `problem`."""
    delay = RETRY_SECONDS_MIN
    while True:
        try:
            await step()
        except failures as error:
            problem(name, type(error).__name__)
            log().warning("retrying", task=name, error=type(error).__name__, seconds=delay)
            await asyncio.sleep(delay)
            delay = min(RETRY_SECONDS_MAX, delay * 2)
        else:
            problem(name, "")
            return
