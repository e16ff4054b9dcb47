"""The local Kafka: each user may do what its sender does, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from deploy.local import kafka
from deploy.local.layout import Stack

WAIT_SECONDS = 20


@asynccontextmanager
async def producing(stack: Stack, user: str) -> AsyncIterator[AIOKafkaProducer]:
    """Gives an idempotent producer of a user."""
    producer = AIOKafkaProducer(**kafka.client_settings(stack, user), enable_idempotence=True)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def consuming(stack: Stack, user: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Gives a consumer of a user in the group of the same name."""
    consumer = AIOKafkaConsumer(topic, **kafka.client_settings(stack, user), group_id=user, auto_offset_reset="earliest")
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def test_a_sender_writes_its_own_topic_and_the_ledger_reads_it(stack: Stack) -> None:
    """What the archive says arrives at the ledger, byte for byte."""
    async with producing(stack, "archive") as producer:
        await producer.send_and_wait("permits.archive.v1", b"said")

    async with consuming(stack, "ledger", "permits.archive.v1") as consumer:
        record = await asyncio.wait_for(consumer.getone(), WAIT_SECONDS)
    assert record.value == b"said"


@pytest.mark.parametrize("topic", ["permits.ledger.v1", "permits.intake.v1"])
async def test_a_sender_cannot_write_the_topic_of_another(stack: Stack, topic: str) -> None:
    """The archive is refused on the ledger's topic and on intake's."""
    async with producing(stack, "archive") as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"forged")


async def test_a_sender_cannot_read_what_another_says(stack: Stack) -> None:
    """Issuance reads the ledger, not intake."""
    with pytest.raises(TopicAuthorizationFailedError):
        async with consuming(stack, "issuance", "permits.intake.v1"):
            pass


@pytest.mark.parametrize("user", ["tracker", "auditor", "verification-dlh"])
async def test_everybody_reads_the_ledger(stack: Stack, user: str) -> None:
    """The tracker, the auditors and an agency's own sender are let in to the ledger's topic."""
    async with producing(stack, "ledger") as producer:
        await producer.send_and_wait("permits.ledger.v1", b"entry")

    async with consuming(stack, user, "permits.ledger.v1") as consumer:
        record = await asyncio.wait_for(consumer.getone(), WAIT_SECONDS)
    assert record.offset == 0


@pytest.mark.parametrize("listener", ["admin", "senders"])
async def test_every_listener_asks_for_a_password(stack: Stack, listener: str) -> None:
    """Without a password nobody gets in, not even at the administrator's port."""
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{stack.kafka_ports[listener]}", request_timeout_ms=3000)
    try:
        with pytest.raises(KafkaError):
            await asyncio.wait_for(producer.start(), WAIT_SECONDS)
    finally:
        await producer.stop()


def test_every_sender_has_one_topic_of_one_partition(stack: Stack) -> None:
    """The topics are those of the senders, each with one partition, kept for ever."""
    client = kafka.admin_client(stack)
    try:
        topics = {topic["name"]: topic for topic in client.describe_topics([sender.topic for sender in stack.senders])}
    finally:
        client.close()

    assert set(topics) == {sender.topic for sender in stack.senders}
    assert {len(topic["partitions"]) for topic in topics.values()} == {1}
