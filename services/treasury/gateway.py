"""The payment gateway as the treasury asks it: a code for a charge, and a day's statement; a bank's own interface stands behind this one."""

import time
from dataclasses import dataclass
from typing import Annotated, Final, Protocol

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.fields import OfficialNumber, PaymentCode, Rupiah
from shared.kit.settings import Settings, read_key
from shared.signing import sign

TIMEOUT_SECONDS: Final = 10.0


class GatewayDown(Exception):  # noqa: N818 - says what was met
    """The gateway did not answer, or not as agreed; what was asked may be asked again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a code is asked for: the same charge always gets the same code."""

    charge: str
    amount_rupiah: int


class Code(BaseModel):
    """A gateway's answer: digits for a transfer, and a QR reference if it gives one; what else it says is left out."""

    model_config = ConfigDict(frozen=True)
    code: PaymentCode
    qr: Annotated[str, OfficialNumber] = ""


class Gateway(Protocol):
    """What the treasury needs of any gateway."""

    async def ask_code(self, asked: Asked) -> Code:
        """Returns the code of a charge; raises `GatewayDown`."""

    async def statement(self, day: str) -> str:
        """Returns a local date's statement (CSV); raises `GatewayDown`."""


class HttpGateway:
    """A gateway over HTTP, each request signed with the shared key."""

    def __init__(self, url: str, key: bytes) -> None:
        self._key = key
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS)

    async def ask_code(self, asked: Asked) -> Code:
        """Returns the code of a charge; raises `GatewayDown`."""
        body: dict[str, str | Rupiah] = {"charge": asked.charge, "amount_rupiah": asked.amount_rupiah}
        try:
            return Code.model_validate_json(await self._post("/v1/codes", orjson.dumps(body)))
        except ValidationError:
            raise GatewayDown("its answer is no payment code") from None

    async def statement(self, day: str) -> str:
        """Returns a local date's statement (CSV); raises `GatewayDown`."""
        try:
            return (await self._post("/v1/statements", orjson.dumps({"day": day}))).decode()
        except UnicodeDecodeError:
            raise GatewayDown("its statement is no text") from None

    async def _post(self, path: str, body: bytes) -> bytes:
        try:
            answer = await self._client.post(path, content=body, headers=sign(self._key, int(time.time()), body))
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise GatewayDown(type(error).__name__) from None
        return answer.content


def gateway_of(settings: Settings) -> tuple[Gateway | None, bytes]:
    """Returns the gateway of the settings and the key shared with it; without one, nobody is asked and no notice is taken."""
    if settings.gateway_key_file is None:
        return None, b""
    key = read_key(settings.gateway_key_file)
    return (HttpGateway(settings.gateway_url, key) if settings.gateway_url else None), key
