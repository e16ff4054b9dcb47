"""A city's people, each of whose words is a canary: applicants submit by the hundred, officers work, and some write what no door takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import orjson

from deploy.local.layout import Stack
from deploy.local.supervisor import City as LocalCity
from deploy.training import autopilot
from deploy.training.arrivals import _FACTS, KELURAHAN, Arrival
from deploy.training.feed import submission
from deploy.training.moves import Move
from deploy.training.pools import POOLS
from deploy.training.watch import Watch
from services.cli.client import token
from shared.envelope import read_entry
from tests.faults import harness
from tests.personal.canaries import Canaries
from tests.personal.places import Place, whole

APPLICANTS: Final = 1000
BATCH: Final = 500
BY_PEOPLE: Final = 36
SAVED: Final = 30
ROUNDS_MAX: Final = 40
SEED: Final = 7
TYPES: Final = ("reklame-permanen", "pbg-usaha", "skp-penelitian")


@dataclass(frozen=True)
class Applied:
    """One application as it was handed in."""

    name: str
    applicant: Mapping[str, str] = field(hash=False)


class People:
    """Everybody who acts in one city."""

    def __init__(self, local: LocalCity, canaries: Canaries) -> None:
        self.local = local
        self.canaries = canaries
        self.watch = Watch()
        self.applied: dict[str, Applied] = {}
        self.answers: list[Place] = []
        self.done: dict[str, int] = {}
        self.partner = canaries.text("mitra")
        self._client = httpx.Client(timeout=60)
        self._tried: set[tuple[str, int]] = set()

    @property
    def stack(self) -> Stack:
        """The city's folder, ports and secrets."""
        return self.local.stack

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def settle(self) -> None:
        """Waits until everybody has applied the whole ledger and all that anybody said is in it."""
        harness.until(self._at_rest, harness.SETTLE_SECONDS)

    def _at_rest(self) -> bool:
        self._read()
        for name in self.stack.services[1:]:  # the first is the ledger, which was read
            status = self._client.get(f"{self.stack.url(name)}/readyz").json()
            if (status.get("position"), status.get("relayed")) != (self.watch.position, self.watch.said[name]):
                return False
        return True

    def _read(self) -> None:
        headers = {"authorization": f"Bearer {token(self.stack, 'apip', 'auditor')}"}
        while True:
            answer = self._client.get(f"{self.stack.url('ledger')}/v1/entries?after={self.watch.position}&limit=1000", headers=headers)
            lines = [read_entry(line) for line in answer.content.split(b"\n") if line]
            self.watch.read(lines)
            if not lines:
                return

    def ask(self, method: str, service: str, path: str, bearer: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """Sends a request; nobody may keep the plain digest of its body."""
        self.canaries.request(path.removeprefix("/v1/applications/"), content)
        given = {"authorization": f"Bearer {bearer}", **headers}
        return self._client.request(method, f"{self.stack.url(service)}{path}", content=content, headers=given)

    def keep(self, answer: httpx.Response) -> httpx.Response:
        """Keeps an answer to be searched."""
        self.answers.append((f"answer {answer.status_code} to {answer.request.method} {answer.request.url.path}", whole(answer)))
        return answer

    # Applicants

    def submit_all(self) -> None:
        """Submits a thousand applications by the five hundred; some are for people to decide, a rule decides the rest."""
        self.open_pools()
        bearer = token(self.stack, self.partner, "partner")
        for start in range(0, APPLICANTS, BATCH):
            items: list[dict[str, Any]] = [
                {"key": self.canaries.text("surat"), "submission": self.submission(start + index)} for index in range(BATCH)
            ]
            for item in items:
                self.canaries.request("submit", orjson.dumps(item["submission"]))
            # The answer is not searched: it names the caller's own keys again.
            answer = self.ask("POST", "intake", "/v1/submissions", bearer, orjson.dumps({"items": items}))
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text
            for number, said in enumerate(answer.json()["items"], start):
                assert said["status"] == "received", said
                self.applied[said["application"]] = Applied(f"canary-{number}", items[number - start]["submission"]["applicant"])

    def save_drafts(self) -> None:
        """Saves applications that are not finished, changes all, hands every third in and throws every third away; the rest stay."""
        for number in range(APPLICANTS, APPLICANTS + SAVED):
            bearer = token(self.stack, self.canaries.text("pemohon"), "applicant")
            whole_one = {**self.submission(number), "channel": "web"}
            begun = {
                **whole_one,
                "documents": whole_one["documents"][1:],
                "applicant": {**whole_one["applicant"], "nik": whole_one["applicant"]["nik"][:-1]},
            }
            # What a writer gets of the own words is not searched; lists, checks and refusals are.
            saved = self.ask("POST", "intake", "/v1/drafts", bearer, orjson.dumps(begun), **{"idempotency-key": self.canaries.slug()})
            path, tags = saved.headers["location"], {"idempotency-key": self.canaries.slug(), "if-match": "*"}
            assert not self.keep(self.ask("GET", "intake", f"{path}/check", bearer)).json()["complete"]
            assert not self.keep(self.ask("POST", "intake", f"{path}/submit", bearer, b"", **tags)).is_success
            self.ask("PUT", "intake", path, bearer, orjson.dumps(whole_one), **{**tags, "idempotency-key": self.canaries.slug()})
            assert self.keep(self.ask("GET", "intake", "/v1/drafts", bearer)).json()["items"]
            method, last = (("POST", f"{path}/submit"), ("DELETE", path), ("GET", f"{path}/check"))[number % 3]
            answer = self.keep(self.ask(method, "intake", last, bearer, b"", **{**tags, "idempotency-key": self.canaries.slug()}))
            assert answer.is_success, answer.text

    def open_pools(self) -> None:
        """Has the owners open the pools of places that applications wait for."""
        for name, (agency, _) in POOLS.items():
            bearer = token(self.stack, f"kepala {agency}", "head", agency)
            body = orjson.dumps({"capacity": APPLICANTS})
            headers = {"authorization": f"Bearer {bearer}", "idempotency-key": f"quota-{name}"}
            url = f"{self.stack.url('verification')}/v1/quotas/{name}/open"
            answer = self._client.post(url, content=body, headers=headers)
            assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    def submission(self, number: int) -> dict[str, Any]:
        """Returns an application of which every personal field is a canary."""
        permit_type = TYPES[number % len(TYPES)] if number < BY_PEOPLE else TYPES[-1]
        facts = {**_FACTS[permit_type](SEED, f"canary-{number}")}
        if "topik-sensitif" in facts:
            facts["topik-sensitif"] = number < BY_PEOPLE
        kelurahan = KELURAHAN[number % len(KELURAHAN)]
        arrival = Arrival(f"canary-{number}", datetime.now(UTC), "partner", permit_type, kelurahan, facts, "", "")
        body = submission(arrival, SEED, self.watch.city)
        del body["received_at"]
        body["documents"] = [{**document, "digest": self.canaries.document()} for document in body["documents"]]
        return {**body, "applicant": self.person(number)}

    def person(self, number: int) -> dict[str, str]:
        """Returns an applicant."""
        made = self.canaries
        found = {"name": made.text("Bawi"), "nik": made.nik(number), "address": made.text("Jl. Tjilik Riwut")}
        return {**found, "phone": made.phone(number), "email": made.email()}

    # Everybody, by the autopilot's script

    def act(self) -> int:
        """Lets everybody do the next thing that they have to do; returns how many did something."""
        acted = 0
        for code, applied in self.applied.items():
            known = self.watch.applications[code]
            if known.case.outcome not in ("", "refused") or not (known.case.ready or known.case.outcome):
                continue
            planned = autopilot.moves(SEED, applied.name, known, self.watch.city.calendar, self.partner)
            move = next((move for move in planned if (move.key, known.case.sequence) not in self._tried), None)
            if move is not None:
                self._do(code, move)
                self._tried.add((move.key, known.case.sequence))
                acted += 1
        return acted

    def take_papers(self) -> dict[str, int]:
        """Has applicants take their papers home; returns how many of each there were. A paper is its holder's and is not searched; where it was made is."""
        bearer, taken = token(self.stack, self.partner, "applicant"), {"permit.pdf": 0, "receipt.pdf": 0}
        for code in list(self.applied)[: 2 * BY_PEOPLE]:
            for name in taken:
                answer = self.ask("GET", "intake", f"/v1/applications/{code}/{name}", bearer)
                taken[name] += answer.is_success and answer.content.startswith(b"%PDF-")
                if not answer.is_success:
                    self.keep(answer)
        return taken

    def _do(self, code: str, move: Move) -> None:
        actor = move.actor
        bearer = token(self.stack, actor.person, actor.role, actor.agency, actor.systems)
        path, content = f"/v1/applications/{code}/{move.command}", orjson.dumps(self._in_own_words(move))
        answer = self.ask("POST", move.stage, path, bearer, content, **{"idempotency-key": self.canaries.slug()})
        assert self.keep(answer).status_code == httpx.codes.ACCEPTED, (move, answer.text)
        self.done[move.command] = self.done.get(move.command, 0) + 1

    def _in_own_words(self, move: Move) -> dict[str, Any]:
        """Returns the body of a move with a canary wherever somebody's own words, a document or a photograph may stand."""
        body = {**move.body}
        if "findings" in body:
            body["findings"] = [{**finding, "note": self.canaries.text("Mohon diperbaiki:")} for finding in body["findings"]]
        if "documents" in body:
            body["documents"] = [{**document, "digest": self.canaries.document()} for document in body["documents"]]
        if "evidence" in body:
            body |= {"evidence": [self.canaries.document()], "note": self.canaries.text("Pemilik bernama")}
        if "statement" in body:
            body["statement"] = self.canaries.text("Saya keberatan karena")
        return body
