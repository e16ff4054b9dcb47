"""A witness's address: `POST /add-checkpoint` (C2SP tlog-witness) and how it is; a thin shell that needs neither PostgreSQL nor Kafka."""

import asyncio
import time
from typing import Final

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

from shared.kit.witness_folder import WitnessFolder
from shared.proof.witness import REQUEST_BYTES_MAX, SIZE_TYPE, Refused

BODY_SECONDS_MAX: Final = 10.0
CONNECTIONS_MAX: Final = 64
PROBLEM: Final = "application/problem+json"
TEXT: Final = "text/plain; charset=utf-8"


def make_witness(folder: WitnessFolder) -> FastAPI:
    """Returns the app of a witness."""
    app = FastAPI(title="Jejak Izin: a witness", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        try:
            raw = await _body(request)
            line = await asyncio.to_thread(folder.add_checkpoint, raw, lambda: int(time.time()))
        except Refused as refused:
            return _refusal(refused)
        except OSError:
            # What could not be kept is not signed.
            return _refusal(Refused(503, "not-kept", "the checkpoint could not be written down, so it is not signed"))
        return Response(line, media_type=TEXT)

    @app.get("/readyz")
    async def readyz() -> Response:
        logs = [
            {"origin": key.name, "size": held.checkpoint.size if held else 0, "seconds": held.seconds if held else None}
            for key, held in folder.followed()
        ]
        content = {"status": "ready", "witness": folder.signer.verifier.to_text(), "logs": logs}
        return Response(orjson.dumps(content), media_type="application/json")

    return app


def serve(folder: WitnessFolder, host: str, port: int) -> None:
    """Serves a witness until it is stopped."""
    config = uvicorn.Config(
        make_witness(folder), host=host, port=port, log_config=None, access_log=False, lifespan="off", limit_concurrency=CONNECTIONS_MAX
    )
    uvicorn.Server(config).run()


async def _body(request: Request) -> bytes:
    """Returns a request's body; raises `Refused` for one that is too large or too slow."""
    raw = b""
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for part in request.stream():
                raw += part
                if len(raw) > REQUEST_BYTES_MAX:
                    raise Refused(413, "too-large", f"more than {REQUEST_BYTES_MAX} bytes")
    except TimeoutError:
        raise Refused(408, "too-slow", f"the body took more than {BODY_SECONDS_MAX:.0f} seconds") from None
    return raw


def _refusal(refused: Refused) -> Response:
    """Returns a refusal: the size alone where that is the answer, else a problem with code and detail."""
    if refused.size is not None:
        return Response(f"{refused.size}\n", refused.status, headers={"content-type": SIZE_TYPE, "jejak-code": refused.code})
    content = {"title": refused.code, "status": refused.status, "code": refused.code, "detail": refused.detail}
    return Response(orjson.dumps(content), refused.status, media_type=PROBLEM)
