"""The key with which a local city signs papers: made at the first start, by itself, and marked as no certificate of the state."""

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

# It stands in every signature, so that nobody takes it for one of the state's certification authority (BSrE).
HOLDER: Final = "Jejak Izin CONTOH (bukan BSrE)"
KEY_BITS: Final = 3072
DAYS: Final = 3650


def make_certificate() -> bytes:
    """Returns a key with a certificate that it has signed itself, as PKCS#12 without a passphrase: it lies among the city's secrets."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"), x509.NameAttribute(NameOID.COMMON_NAME, HOLDER)])
    # A clock that is a little behind must not meet a certificate of the future.
    begins = datetime.now(UTC) - timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(HOLDER.encode(), key, certificate, None, serialization.NoEncryption())
