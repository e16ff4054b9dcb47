"""One process's settings, read from `JEJAK_…` variables; a wrong or missing one stops the start with one sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

DRAFTS_DAYS: Final = 30
DRAFTS_MAX: Final = 20


class SettingsError(Exception):
    """A setting is missing or wrong; the message is a sentence for the operator."""


class SenderConfig(BaseModel):
    """One line of the senders file: who may speak over which topic, for which stage and agencies, and the first key that seals it."""

    model_config = ConfigDict(frozen=True)
    name: str
    stage: str
    agencies: tuple[str, ...]
    topic: str
    key: str = ""


class Settings(BaseSettings):
    """What a service process needs to know; file settings name files so that no secret stands in an environment listing."""

    model_config = SettingsConfigDict(env_prefix="JEJAK_", frozen=True, extra="ignore", use_attribute_docstrings=True)

    service: str
    """Which service's code this process runs."""
    sender: str
    """The name under which it speaks: its topic, its Kafka group, the end of its events' `source`."""
    city: str = "palangka-raya"
    """The city's name, the beginning of its events' `source`."""
    host: str = "127.0.0.1"
    """The address on which it listens."""
    port: int = Field(ge=1, le=65535)
    """The port on which it listens."""
    database_url: str
    """PostgreSQL's address with user and password; each sender has a database of its own."""
    kafka_servers: str
    """Kafka's bootstrap servers, reached by SASL with SCRAM-SHA-512."""
    kafka_user: str
    """This sender's Kafka user."""
    kafka_password: str
    """The password of that user."""
    ledger_url: str
    """Where the ledger's feed is read."""
    tracker_url: str = ""
    """Where the public follows applications."""
    intake_url: str = ""
    """Where applicants' data is kept and shown."""
    senders_file: Path
    """The list of senders that the ledger registers at its start."""
    city_key_file: Path
    """32 bytes: the key of the identities (`authid`) in events."""
    tokens_key_file: Path
    """32 bytes: the key by which bearer tokens are checked."""
    sender_key_file: Path | None = None
    """The keys that seal what this sender says, one a line, the newest last; where it is absent nothing is sealed."""
    kek_file: Path | None = None
    """32 bytes: the key that wraps the vault's keys; where it is absent the service keeps no disclosures."""
    certificate_file: Path | None = None
    """At intake: a PKCS#12 file without a passphrase, with which permits and receipts are signed; where it is absent none are made as PDF."""
    gateway_url: str = ""
    """Where the treasury asks its payment gateway for codes and statements; empty: nobody is asked."""
    gateway_key_file: Path | None = None
    """32 bytes: the key shared with the payment gateway; where it is absent no notice of a payment is taken."""
    drafts_days: int = Field(default=DRAFTS_DAYS, ge=1, le=365)
    """After how many days without a change intake erases an application that was saved and not submitted."""
    drafts_max: int = Field(default=DRAFTS_MAX, ge=1, le=1000)
    """How many saved applications one person may have at intake; who files for many (counter, partner) may have 25 times as many."""
    log_key_file: Path | None = None
    """At the ledger: the secret key that signs the log's checkpoints, in the form of signed notes; where it is absent nothing is signed."""
    log_folder: Path | None = None
    """At the ledger: where the log's tiles, bundles of entries and last checkpoint lie."""
    witnesses_file: Path | None = None
    """At the ledger: its witnesses, one a line: public key (vkey) and address (`https://…`); absent: nobody is asked for cosignatures."""
    witnesses_quorum: int = Field(default=0, ge=0, le=64)
    """How many of the witnesses must have signed a checkpoint before it is published; 0: none, and their signatures are added as they come."""
    clock: Literal["system", "feed"] = "system"
    """`feed` makes a training city, whose time is moved over HTTP; on loopback only, refused in production."""
    production: bool = False
    """Refuses what is for training alone."""
    log_format: Literal["json", "console"] = "json"
    """One JSON object a line, or lines for a person."""
    log_level: str = "info"
    """The least important lines that are written: debug, info, warning or error."""
    traces: str = ""
    """Where spans go: an OTLP address (`http://collector:4318/v1/traces`), or a file that gets one JSON object a line; empty: none are made."""
    cache_subjects_max: int = Field(default=20_000, ge=100)
    """How many folded subjects are kept in memory."""

    def senders(self) -> tuple[SenderConfig, ...]:
        """Returns the configured senders; raises `SettingsError` when the file cannot be used."""
        try:
            return tuple(SenderConfig.model_validate(item) for item in orjson.loads(self.senders_file.read_bytes()))
        except (OSError, orjson.JSONDecodeError, ValidationError) as error:
            message = f"The senders file {self.senders_file} cannot be used ({type(error).__name__}). Start the stack with `jejak up` to have it written."
            raise SettingsError(message) from None

    def topic(self) -> str:
        """Returns the topic this sender writes."""
        return topic_of(self.sender)


LEDGER_TOPIC = "permits.ledger.v1"
SENDER_TOPICS_PATTERN = r"^permits\.(?!ledger\.)[a-z0-9-]+\.v1$"


def topic_of(sender: str) -> str:
    """Returns the topic of a sender."""
    return f"permits.{sender}.v1"


def sender_of(topic: str) -> str:
    """Returns the sender whose topic this is."""
    return topic.removeprefix("permits.").removesuffix(".v1")


def load_settings(variables: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings of this process, or of another one from its variables; raises `SettingsError` naming what is missing or wrong."""
    given = {name.removeprefix("JEJAK_").lower(): value for name, value in (variables or {}).items()}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]  # pydantic reads the texts as it reads the environment's
    except ValidationError as error:
        names = ", ".join(f"JEJAK_{'_'.join(str(part) for part in item['loc']).upper()}" for item in error.errors())
        message = f"These settings are missing or wrong: {names}. `jejak up` writes them; docs/reference/settings.md lists them."
        raise SettingsError(message) from None
    if settings.clock == "feed" and (settings.production or settings.host not in ("127.0.0.1", "::1", "localhost")):
        message = "The feed's clock is for a training city on loopback only. Set JEJAK_CLOCK=system."
        raise SettingsError(message)
    return settings


def read_key(path: Path) -> bytes:
    """Returns a 32-byte key file's content; raises `SettingsError`."""
    try:
        key = path.read_bytes()
    except OSError as error:
        message = f"The key file {path} cannot be read ({error.strerror}). Start the stack with `jejak up` to have it made."
        raise SettingsError(message) from None
    if len(key) != 32:  # noqa: PLR2004 - AES-256 and HMAC-SHA-256 keys
        message = f"The key file {path} must hold 32 bytes. Restore it from your backup; a new key cannot read old data."
        raise SettingsError(message)
    return key
