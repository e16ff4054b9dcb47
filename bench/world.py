"""The city's own code in one process: intake, three stages, tracker and ledger hand each other real bytes, without Kafka and HTTP."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from deploy.local import postgres
from deploy.local.layout import Stack
from services.inspection.app import DEFINITION as INSPECTION
from services.intake.app import DEFINITION as INTAKE
from services.intake.submissions import Submission, decide
from services.issuance.app import DEFINITION as ISSUANCE
from services.ledger import domain as judge
from services.tracker.app import DEFINITION as TRACKER
from services.verification.app import DEFINITION as VERIFICATION
from shared import events as e
from shared.code import make_code
from shared.envelope import Entry, canonical, encode, read_entry
from shared.kit.clock import SystemClock
from shared.kit.kafka import Record
from shared.kit.ledger import Ledger
from shared.kit.settings import topic_of
from shared.kit.stage import Stage
from shared.kit.stage_model import Command, Definition
from shared.kit.store import Store, Stored
from shared.kit.telemetry import Metrics
from shared.kit.tokens import Actor
from shared.kit.vault import Vault
from shared.sop.applicants import Filer
from shared.sop.model import Sop, content_digest, sop_content

CITY_NAME: Final = "palangka-raya"
CATALOGUE: Final = Path(__file__).parent.parent / "shared" / "sop" / "catalogue"
LEDGER_SCHEMA: Final = Path(judge.__file__).with_name("schema.sql")
REQUIREMENTS: Final = ("surat-pengantar", "proposal", "pernyataan-taat", "pernyataan-keabsahan", "lokasi-jadwal")
STAGES: Final = {item.name: item for item in (INTAKE, VERIFICATION, INSPECTION, ISSUANCE, TRACKER)}
BATCH: Final = 500
ENTRIES_PER_PERMIT: Final = 5
SUBJECTS_MAX: Final = 20_000
CODE_BITS: Final = 60
KEY: Final = bytes(32)
APPLICANT: Final = Actor("pemohon", "partner")
Around = Callable[[str, int, Callable[[], None]], None]


def application(number: int) -> dict[str, Any]:
    """Returns a research letter's application that a rule decides."""
    return {
        "permit_type": "skp-penelitian",
        "kelurahan": "62.71.01.1001",
        "facts": {"topik-sensitif": False, "lama-bulan": 1 + number % 12},
        "documents": [{"requirement": code, "digest": f"{number:064x}"} for code in REQUIREMENTS],
        "applicant": {"name": f"Pemohon {number}", "nik": f"{6271010000000000 + number:016d}"},
    }


def plainly(_name: str, _count: int, step: Callable[[], None]) -> None:
    """Runs a step and measures nothing."""
    step()


class World:
    """The whole path of a permit in one process; `around` is called with each step, so that it can be measured."""

    def __init__(self, stack: Stack, around: Around = plainly) -> None:
        self.around = around
        self.entries: list[Stored] = []
        self._offsets: dict[str, int] = {}
        self._records: list[Record] = []
        self.ledger = make_ledger(postgres.database_url(stack, "ledger"))
        self.ledger.on_entries = self.entries.extend
        self.stages = {name: make_stage(postgres.database_url(stack, name), definition) for name, definition in STAGES.items()}
        for name, stage in self.stages.items():
            stage.on_events = self._catcher(name)
        register(self.ledger)
        self._records += [Record(topic_of("catalogue"), number, raw) for number, raw in enumerate(publications())]
        self.pump()

    def _catcher(self, name: str) -> Callable[[Sequence[Stored]], None]:
        topic = topic_of(name)

        def catch(events: Sequence[Stored]) -> None:
            first = self._offsets.get(topic, 0)
            self._records += [Record(topic, first + index, event.raw) for index, event in enumerate(events)]
            self._offsets[topic] = first + len(events)

        return catch

    def submit(self, first: int, count: int) -> None:
        """Submits applications through intake's own commands, in one transaction."""
        items = [_command(number) for number in range(first, first + count)]
        self.around("intake: command", count, lambda: _discard(self.stages["intake"].commands(items)))

    def pump(self) -> None:
        """Passes records and entries on until nobody has anything to say."""
        while self._records:
            batch, self._records = self._records[:BATCH], self._records[BATCH:]
            self.around("ledger: ingest", len(batch), partial(self.ledger.ingest, batch))
            fresh, self.entries[:] = list(self.entries), []
            for name, stage in self.stages.items():
                self._hear(name, stage, fresh)

    def _hear(self, name: str, stage: Stage, fresh: Sequence[Stored]) -> None:
        decoded: list[Entry] = []
        self.around(f"{name}: decode", len(fresh), lambda: decoded.extend(decode_all(fresh)))
        self.around(f"{name}: apply", len(fresh), lambda: _discard(stage.apply(decoded)))

    def close(self) -> None:
        """Closes every store."""
        self.ledger.store.close()
        for stage in self.stages.values():
            stage.store.close()


def decode_all(stored: Iterable[Stored]) -> list[Entry]:
    """Reads entries as the inbox does, each event decoded."""
    entries = [read_entry(item.raw) for item in stored]
    for entry in entries:
        _discard(entry.event)
    return entries


def make_ledger(database_url: str) -> Ledger:
    """Returns the ledger's engine on its own database."""
    store = Store(database_url, "ledger")
    store.create(LEDGER_SCHEMA)
    ledger = Ledger(store, judge, CITY_NAME, SystemClock(), Metrics(), subjects_max=SUBJECTS_MAX)
    ledger.load()
    return ledger


def make_stage(database_url: str, definition: Definition) -> Stage:
    """Returns a stage on its own database."""
    store = Store(database_url, "stage")
    store.create(definition.schema)
    vault = None if definition.name == "tracker" else Vault(store, KEY)
    stage = Stage(
        definition, definition.name, CITY_NAME, store, SystemClock(), Metrics(), city_key=KEY, vault=vault, subjects_max=SUBJECTS_MAX
    )
    stage.load()
    return stage


def register(ledger: Ledger) -> None:
    """Has the ledger say which senders may speak."""
    ledger.say(f"contract:{e.CONTRACT}", e.ContractRaised(contract=e.CONTRACT))
    for name in ("catalogue", "intake", "verification", "inspection", "issuance"):
        ledger.say(f"sender:{name}", e.SenderRegistered.model_validate({"name": name, "stage": name, "agencies": ("*",)}))


def publications() -> list[bytes]:
    """Returns the events that publish the shipped SOPs, as the catalogue's office says them."""
    said = []
    for path in sorted(CATALOGUE.glob("*.yaml")):
        sop = Sop.model_validate_json(orjson.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
        if sop.version > 1:
            continue  # the benchmarks' applications are of the first versions, which reserve no places
        content = sop_content(sop)
        data = e.SopPublished(sop=sop.name, digest=content_digest(canonical(content)), content=content)
        subject = f"sop:{sop.permit_type}"
        event: e.AnyEvent = e.Event[e.SopPublished](
            basis=0,
            data=data,
            id=f"{subject}/catalogue/1",
            role="rule",
            source=f"/{CITY_NAME}/catalogue",
            specversion="1.0",
            subject=subject,
            time="2026-01-05T01:00:00.000000Z",
            type=data.type_name(),
        )
        said.append(encode(event))
    return said


def _command(number: int) -> Command:
    body = Submission.model_validate_json(orjson.dumps(application(number)))
    code, key = make_code(secrets.randbits(CODE_BITS)), f"bench-{secrets.token_hex(8)}"
    by = Filer(APPLICANT.role, APPLICANT.agency, APPLICANT.authid(KEY, code))
    return Command(code, APPLICANT, key, secrets.token_bytes(32), partial(decide, body, by), fresh=True)


def _discard(_result: object) -> None:
    """Takes a result that nobody needs."""
