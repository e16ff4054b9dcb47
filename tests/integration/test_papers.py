"""The papers that a citizen holds: signed, with the ledger's proofs in them, in the words of the fold, and for nobody but the holder."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from deploy.local.certificate import HOLDER, make_certificate
from services.cli.errors import JejakError
from services.cli.verify import is_pdf, read_key, verify_paper
from services.intake import doors
from services.intake.papers import PaperDesk
from services.intake.proofs import Proved, proved
from services.intake.signer import LocalSigner
from shared.envelope import leaf_hash, read_entry
from shared.kit.city_log import CityLog
from shared.kit.doors import Outcomes, Running
from shared.kit.http import Health, Site, make_app
from shared.kit.settings import SettingsError
from shared.kit.telemetry import Metrics
from shared.kit.tile_folder import TileFolder
from shared.kit.tokens import Actor
from shared.proof.receipt import check_receipt, read_receipt
from shared.proof.witness import Witnesses
from tests.integration.minicity import APPLICANT, CITY_KEY, MiniCity
from tests.integration.test_city_log import SIGNER
from tests.integration.test_doors import SUBMISSION, TOKENS_KEY, bearer
from tests.integration.test_people import post, said
from tests.integration.test_permit_life import DIGEST, HEAD, OFFICER, granted

TRACKER = "https://jejak.example"
NAME = SUBMISSION["applicant"]["name"]
NIK = SUBMISSION["applicant"]["nik"]
ProofsOf = Callable[[str], Awaitable[tuple[Proved, ...]]]


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> LocalSigner:
    """Returns the signer of a local city."""
    file = tmp_path_factory.mktemp("secrets") / "papers.p12"
    file.write_bytes(make_certificate())
    return LocalSigner(file)


@pytest.fixture
def desk(minicity: MiniCity, signer: LocalSigner, tmp_path: Path) -> PaperDesk:
    """Returns the desk of papers of a city whose log signs every entry when it is asked."""
    log = CityLog(minicity.stores["ledger"], TileFolder(tmp_path / "log"), SIGNER)
    log.open()

    async def proofs_of(subject: str) -> tuple[Proved, ...]:
        log.advance(minicity.ledger.head)
        entries = [(read_entry(raw).stamp.position, raw) for raw in minicity.ledger.history(subject)]
        return tuple(proved(receipt.to_bytes()) for receipt in log.receipts(entries)) if entries else ()

    return PaperDesk(proofs_of, TRACKER, signer)


@asynccontextmanager
async def counter(city: MiniCity, desk: PaperDesk, actor: Actor = APPLICANT) -> AsyncIterator[httpx.AsyncClient]:
    """Opens intake's file room with this desk."""
    stage = city.stages["intake"]
    site = Site("intake", Metrics(), Health(ready=True), TOKENS_KEY, CITY_KEY)
    app = make_app(site, "intake")
    doors.add_routes(app, site, Running(stage, Outcomes(stage), city.inboxes["intake"].recall), papers=desk)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://intake", headers=bearer(actor)) as opened:
        yield opened


async def taken(city: MiniCity, desk: PaperDesk, code: str, what: str = "permit.pdf", actor: Actor = APPLICANT) -> httpx.Response:
    """Asks for a paper."""
    async with counter(city, desk, actor) as opened:
        return await opened.get(f"/v1/applications/{code}/{what}")


def words(pdf: bytes) -> str:
    """Returns the text of a PDF, its lines joined."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


async def stands(pdf: bytes, signer: LocalSigner) -> bool:
    """Says whether pyHanko finds the signature whole, over the whole file and by the city's certificate."""
    found = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
    assert found.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    status = await async_validate_pdf_signature(found, ValidationContext(trust_roots=[signer._signer.signing_cert]))
    return bool(status.bottom_line)


def flipped(pdf: bytes) -> bytes:
    """Returns a PDF with one bit turned in the text of a page."""
    place = pdf.index(b"stream") + 40
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


async def test_the_holder_takes_a_signed_permit_home(minicity: MiniCity, desk: PaperDesk, signer: LocalSigner) -> None:
    """Given a permit, then its holder gets a PDF that says what the fold says, is signed, and is not signed any more after one bit."""
    code = await granted(minicity, SUBMISSION)
    answer = await taken(minicity, desk, code)
    stranger = await taken(minicity, desk, code, actor=Actor("orang lain", "applicant"))
    officer = await taken(minicity, desk, code, actor=OFFICER)

    text, permit = words(answer.content), minicity.views("tracker")[code]["permit"]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    for part in (permit["number"], NAME, "CONTOH", "bukan BSrE", HOLDER, f"{TRACKER}/v/{code}", "Dasar hukum"):
        assert part in text
    assert NIK not in text
    assert await stands(answer.content, signer)
    assert not await stands(flipped(answer.content), signer)
    assert [stranger.json()["code"], officer.json()["code"]] == ["not-yours", "not-allowed"]


async def test_the_proof_of_the_issue_is_under_the_signature(minicity: MiniCity, desk: PaperDesk) -> None:
    """The attached receipt stands in the city's log by shared/proof alone, and its entry is the one that issued this permit."""
    code = await granted(minicity, SUBMISSION)
    answer = await taken(minicity, desk, code)

    attached = PdfReader(BytesIO(answer.content)).attachments
    [(name, [content])] = attached.items()
    receipt = read_receipt(content)
    assert receipt.extra is not None
    entry = read_entry(receipt.extra)
    assert name == f"{code}-{entry.stamp.sequence}.tlog-proof"
    assert entry.event.data.NAME == "permit.issued"
    assert check_receipt(receipt, leaf_hash(receipt.extra), SIGNER.verifier).checkpoint.size == minicity.ledger.head


async def test_jejak_verify_checks_the_paper_itself(minicity: MiniCity, desk: PaperDesk, tmp_path: Path) -> None:
    """Given a permit's PDF and the log's key alone, then the receipts in it are accepted; a PDF without any proves nothing."""
    code = await granted(minicity, SUBMISSION)
    paper, key, empty = tmp_path / "permit.pdf", tmp_path / "log.vkey", tmp_path / "empty.pdf"
    paper.write_bytes((await taken(minicity, desk, code)).content)
    empty.write_bytes(b"%PDF-1.4\n")
    key.write_text(SIGNER.verifier.to_text(), encoding="ascii")

    assert is_pdf(paper)
    assert f"{code}, sequence" in verify_paper(paper, read_key(key), Witnesses())
    with pytest.raises(JejakError):
        verify_paper(empty, read_key(key), Witnesses())


async def test_the_same_facts_and_proofs_and_time_give_the_same_words(minicity: MiniCity, desk: PaperDesk) -> None:
    """Two copies taken at the same time differ in their signatures alone."""
    code = await granted(minicity, SUBMISSION)
    first, second = [(await taken(minicity, desk, code)).content for _ in range(2)]
    assert words(first) == words(second)


async def test_a_duplicate_and_a_correction_are_said_in_the_document(minicity: MiniCity, desk: PaperDesk) -> None:
    """Given a mended slip and a lost document, then the next PDF says which duplicate it is and what was mended, with the receipts of both."""
    code = await granted(minicity, SUBMISSION)
    slip = {"field": "holder-name", "reason": "salah-ketik", "document": DIGEST}
    assert await said(minicity, "issuance", code, OFFICER, "draft-permit-correction", slip) == ""
    assert await said(minicity, "issuance", code, HEAD, "correct-permit", {}) == ""
    assert await said(minicity, "intake", code, APPLICANT, "ask-duplicate", {"reason": "hilang"}) == ""
    pdf = (await taken(minicity, desk, code)).content

    assert "DUPLIKAT KE-1" in words(pdf)
    assert "Ralat" in words(pdf)
    assert "nama pemegang" in words(pdf)
    assert len(PdfReader(BytesIO(pdf)).attachments) == 3


async def test_without_signature_proof_or_permit_there_is_no_document(minicity: MiniCity, desk: PaperDesk) -> None:
    """Each case has its own refusal: no certificate here, no checkpoint that covers the issue, no permit at all, a permit given back."""

    async def none(_subject: str) -> tuple[Proved, ...]:
        return ()

    code = await granted(minicity, SUBMISSION)
    running = str(
        (
            await post(
                minicity, "intake", APPLICANT, "/v1/applications", {**SUBMISSION, "facts": {"topik-sensitif": True, "lama-bulan": 6}}
            )
        ).json()["application"]
    )
    answers = [
        await taken(minicity, replace(desk, signer=None), code),
        await taken(minicity, replace(desk, proofs_of=none), code),
        await taken(minicity, desk, running),
    ]
    assert await said(minicity, "intake", code, APPLICANT, "surrender-permit", {}) == ""
    answers.append(await taken(minicity, desk, code))
    assert [answer.json()["code"] for answer in answers] == ["papers-absent", "not-yet-signed", "no-permit", "permit-over"]


async def test_the_receipt_carries_its_proof_once_there_is_one(minicity: MiniCity, desk: PaperDesk, signer: LocalSigner) -> None:
    """Before the first checkpoint the receipt says when to come back; afterwards it has the submission's proof, also attached to its sheet."""
    async with counter(minicity, desk) as opened:
        posted = await opened.post("/v1/applications", json=SUBMISSION, headers={"idempotency-key": "k"})
        path = f"/v1/applications/{posted.json()['application']}/receipt"
        early = (await opened.get(path)).json()
        minicity.pump()
        later = (await opened.get(path)).json()
        sheet = (await opened.get(f"{path}.pdf")).content

    assert early["proof"] == ""
    assert "satu menit lagi" in early["lines"][-1]
    receipt = read_receipt(later["proof"].encode())
    assert receipt.extra is not None
    assert read_entry(receipt.extra).event.data.NAME == "application.submitted"
    check_receipt(receipt, leaf_hash(receipt.extra), SIGNER.verifier)
    assert await stands(sheet, signer)
    assert [content[0] for content in PdfReader(BytesIO(sheet)).attachments.values()] == [later["proof"].encode()]
    assert f"{TRACKER}/permohonan/{later['application']}" in words(sheet)
    assert NAME not in words(sheet)


async def test_another_program_agrees(minicity: MiniCity, desk: PaperDesk, tmp_path: Path) -> None:
    """Poppler's pdfsig finds the signature valid, and after one turned bit it finds a mismatch."""
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig is not installed here")
    code = await granted(minicity, SUBMISSION)
    pdf = (await taken(minicity, desk, code)).content
    file, wrong = tmp_path / "permit.pdf", tmp_path / "wrong.pdf"
    file.write_bytes(pdf)
    wrong.write_bytes(flipped(pdf))
    good, bad = [subprocess.run(["pdfsig", name], capture_output=True, text=True, check=False).stdout for name in (file, wrong)]  # noqa: S607, ASYNC221 - the tool is there or the test is not
    assert "Signature is Valid" in good
    assert "Signature is Valid" not in bad


def test_a_wrong_certificate_stops_the_start_in_one_sentence(tmp_path: Path) -> None:
    """A missing file and a file that is none are said with their path."""
    wrong = tmp_path / "wrong.p12"
    wrong.write_bytes(b"no certificate")
    for file in (tmp_path / "missing.p12", wrong):
        with pytest.raises(SettingsError, match=r"\.p12"):
            LocalSigner(file)
