"""The played bank's address: its gateway answers the treasury over HTTP, and sends its notices to the treasury's door; a thin shell."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from deploy.training.bank import Bank, Sending
from deploy.training.doors import Doors, TrainingError, refusal_of
from shared.signing import SIGNATURE_HEADER, TIME_HEADER, is_signed, sign

LOOPBACK: Final = "127.0.0.1"
NOTICES: Final = "/v1/gateway/notices"
TREASURY: Final = "treasury"


@dataclass(frozen=True, slots=True)
class Line:
    """Where the gateway answers, and the file with the key that it shares with the treasury."""

    port: int
    key_file: Path


def make_gateway(bank: Bank, key: bytes) -> FastAPI:
    """Returns the gateway's app: codes and statements for who signs with the shared key."""
    app = FastAPI(title="Jejak Izin: a played payment gateway", docs_url=None, redoc_url=None, openapi_url=None)

    async def signed(request: Request) -> bytes:
        raw = await request.body()
        if not is_signed(key, request.headers.get(TIME_HEADER, ""), request.headers.get(SIGNATURE_HEADER, ""), raw):
            raise HTTPException(401)
        return raw

    @app.post("/v1/codes")
    async def codes(request: Request) -> Response:
        asked = orjson.loads(await signed(request))
        return Response(orjson.dumps(bank.code(asked["charge"])), media_type="application/json")

    @app.post("/v1/statements")
    async def statements(request: Request) -> Response:
        asked = orjson.loads(await signed(request))
        return Response(bank.statement(asked["day"]), media_type="text/csv")

    return app


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the command around it."""
        yield


@asynccontextmanager
async def serving(bank: Bank, line: Line) -> AsyncIterator[None]:
    """Answers the treasury while the block lasts."""
    app = make_gateway(bank, line.key_file.read_bytes())
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, line.port))
        except OSError:
            raise TrainingError(f"Port {line.port}, wanted for the played bank, is taken.", "Stop what listens there.") from None
        work = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await work


async def deliver(doors: Doors, sending: Sending, line: Line) -> None:
    """Sends one notice to the treasury; a forged one has to be refused, any other to be taken."""
    key = line.key_file.read_bytes()
    answer = await doors.send(
        TREASURY, NOTICES, sending.body, lambda: sign(key[::-1] if sending.forged else key, int(time.time()), sending.body)
    )
    expected = "signature-wrong" if sending.forged else ""
    if (code := refusal_of(answer)) != expected:
        raise TrainingError(f"The treasury answered a notice with {code or 'yes'}.", "Look at its log, or run `jejak doctor`.")
