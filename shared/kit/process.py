"""The life of one service process: its loop, HTTP server, background work and orderly end."""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable

import uvicorn
from fastapi import FastAPI

from shared.kit.ending import reason_of
from shared.kit.settings import Settings, SettingsError, load_settings
from shared.kit.telemetry import configure_logs, log

Background = Callable[[], Awaitable[None]]
SHUTDOWN_SECONDS = 5
GC_ALLOCATIONS = 50_000


def run(build: Callable[[Settings], tuple[FastAPI, Background]]) -> None:
    """Runs a service until it is told to stop; a background failure ends the process, so that its supervisor starts it anew."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"jejak: {error}\n")
        raise SystemExit(2) from None
    configure_logs(settings.sender, settings.log_level, settings.log_format)
    app, background = build(settings)
    gc.freeze()  # what is loaded now stays: looking for garbage in it again and again costs a tenth of a busy service's time
    gc.set_threshold(GC_ALLOCATIONS)
    loop = _loop_factory()
    with asyncio.Runner(loop_factory=loop) as runner:
        failed = runner.run(_serve(settings, app, background))
    raise SystemExit(1 if failed else 0)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, app: FastAPI, background: Background) -> bool:
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    server = uvicorn.Server(config)
    work = asyncio.create_task(_watched(background, server))
    await server.serve()
    stopped_by_work = work.done()
    if not stopped_by_work:
        work.cancel()
    result = (await asyncio.gather(work, return_exceptions=True))[0]
    if isinstance(result, Exception):
        log().error("the service ends", error=type(result).__name__)
        return True
    return stopped_by_work


async def _watched(background: Background, server: uvicorn.Server) -> None:
    try:
        await background()
    except Exception as error:
        if reason := reason_of(error):
            log().error("the process gives up", reason=reason)
        else:
            log().exception("background work failed; the process ends to be started anew")
        raise
    finally:
        server.should_exit = True
