"""Who signs the papers of the city: a port that a local key stands behind, and later a card (PKCS#11) or the state's service."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol

from shared.kit.settings import SettingsError

FIELD: Final = "Pengesahan"
PROOF_MEDIA: Final = "text/plain"


class Signer(Protocol):
    """What intake needs of any signer of documents."""

    @property
    def name(self) -> str:
        """Who signs, as the document says it."""

    def sign(self, pdf: bytes, attached: Mapping[str, bytes]) -> bytes:
        """Returns a PDF with files attached, signed as PAdES (ETSI EN 319 142, `ETSI.CAdES.detached`); the files are under the signature."""


class LocalSigner:
    """Signs with a PKCS#12 file of this machine, which says of itself that it is no certificate of the state."""

    def __init__(self, file: Path) -> None:
        from pyhanko.sign.signers import SimpleSigner

        try:
            signer = SimpleSigner.load_pkcs12_data(file.read_bytes(), [], passphrase=None)
        except OSError as error:
            message = f"The certificate {file} cannot be read ({error.strerror}). Start the stack with `jejak up` to have it made."
            raise SettingsError(message) from None
        except ValueError:
            message = f"{file} is no PKCS#12 file without a passphrase. Start the stack with `jejak up` to have it made."
            raise SettingsError(message) from None
        self._signer = signer

    @property
    def name(self) -> str:
        """Who signs, as the certificate says it."""
        return str(self._signer.subject_name)

    def sign(self, pdf: bytes, attached: Mapping[str, bytes]) -> bytes:
        """Returns the signed PDF; see `Signer`."""
        from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        for name, content in attached.items():
            held = EmbeddedFileObject.from_file_data(writer, content, mime_type=PROOF_MEDIA)
            embed_file(writer, FileSpec(name, file_name=name, embedded_data=held))
        meta = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, name=self.name)
        signed: BytesIO = PdfSigner(meta, self._signer).sign_pdf(writer, output=BytesIO())
        return signed.getvalue()
