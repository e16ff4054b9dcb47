"""One process's settings, read from `JEJAK_…` variables; a wrong or missing one stops the start with one sentence."""

from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong; the message is a sentence for the operator."""


class SenderConfig(BaseModel):
    """One line of the senders file: who may speak over which topic, for which stage and agencies."""

    model_config = ConfigDict(frozen=True)
    name: str
    stage: str
    agencies: tuple[str, ...]
    topic: str


class Settings(BaseSettings):
    """What a service process needs to know; file settings name files so that no secret stands in an environment listing."""

    model_config = SettingsConfigDict(env_prefix="JEJAK_", frozen=True, extra="ignore")

    service: str
    sender: str
    city: str = "palangka-raya"
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    database_url: str
    kafka_servers: str
    kafka_user: str
    kafka_password: str
    ledger_url: str
    tracker_url: str = ""
    intake_url: str = ""
    senders_file: Path
    city_key_file: Path
    tokens_key_file: Path
    kek_file: Path | None = None
    clock: Literal["system", "feed"] = "system"
    production: bool = False
    log_format: Literal["json", "console"] = "json"
    log_level: str = "info"
    cache_subjects_max: int = Field(default=20_000, ge=100)

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


def load_settings() -> Settings:
    """Reads the settings of this process; raises `SettingsError` naming the variable that is missing or wrong."""
    try:
        settings = Settings()  # type: ignore[call-arg]  # the values come from the environment
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
