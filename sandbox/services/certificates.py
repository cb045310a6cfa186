"""Certificates and keys that the simulated Google hands out: real ones, signed by themselves."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate authority's certificate, in PEM."""

    pem: str
    common_name: str
    sha1: str
    serial: str
    not_before: str
    not_after: str


def make_certificate(common_name: str, now: datetime, days: int = 3650) -> Certificate:
    """Return a new certificate, signed by its own key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    until = now + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    der = made.public_bytes(serialization.Encoding.DER)
    return Certificate(
        pem=made.public_bytes(serialization.Encoding.PEM).decode(),
        common_name=common_name,
        sha1=hashlib.sha1(der, usedforsecurity=False).hexdigest(),
        serial=str(made.serial_number),
        not_before=f"{now:%Y-%m-%dT%H:%M:%S}.000Z",
        not_after=f"{until:%Y-%m-%dT%H:%M:%S}.000Z",
    )


def encoded(pem: str) -> str:
    """Return PEM as GKE gives it: in base64 again."""
    return base64.b64encode(pem.encode()).decode()


@cache
def private_key_pem() -> str:
    """Return an RSA private key in PEM; one a process, as making it is slow and nothing here accepts it."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
