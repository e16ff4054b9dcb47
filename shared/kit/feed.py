"""The ledger's feed as its readers see it: pages of entries after a position, exact bytes, over HTTP."""

from collections.abc import AsyncIterator
from typing import Final

import httpx

from shared.envelope import Entry, canonical, read_entry

PAGE_ENTRIES: Final = 500
HEAD_HEADER: Final = "jejak-head"
TIMEOUT_SECONDS: Final = 30.0
FeedError = (httpx.HTTPError,)


class Feed:
    """Reads `GET /v1/entries?after=` of the ledger."""

    def __init__(self, ledger_url: str, token: str) -> None:
        self._client = httpx.AsyncClient(base_url=ledger_url, headers={"authorization": f"Bearer {token}"}, timeout=TIMEOUT_SECONDS)

    async def page(self, after: int) -> tuple[list[Entry], int]:
        """Returns up to a page of entries after a position, and the ledger's head; raises a `FeedError` or `ContractError`."""
        answer = await self._client.get("/v1/entries", params={"after": after, "limit": PAGE_ENTRIES})
        answer.raise_for_status()
        entries = [read_entry(line) for line in answer.content.split(b"\n") if line]
        return entries, int(answer.headers[HEAD_HEADER])

    async def pages(self, after: int) -> AsyncIterator[list[Entry]]:
        """Yields pages until the head."""
        while True:
            entries, head = await self.page(after)
            if entries:
                yield entries
                after = entries[-1].stamp.position
            if after >= head or not entries:
                return

    async def head(self) -> int:
        """Returns the position of the ledger's last entry; raises a `FeedError`."""
        answer = await self._client.get("/v1/status")
        answer.raise_for_status()
        return int(answer.json()["position"])

    async def history(self, subject: str) -> list[Entry]:
        """Returns the entries of a subject that is no application, none where the ledger knows none; raises a `FeedError`."""
        return await self._history(f"/v1/subjects/{subject}/entries")

    async def application(self, code: str) -> list[Entry]:
        """Returns the entries of an application, none where the ledger knows none; raises a `FeedError`."""
        return await self._history(f"/v1/applications/{code}/entries")

    async def _history(self, path: str) -> list[Entry]:
        answer = await self._client.get(path)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return []
        answer.raise_for_status()
        # An entry is in canonical form, so that writing its tree again gives its very bytes.
        return [read_entry(canonical(tree)) for tree in answer.json()["entries"]]

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
