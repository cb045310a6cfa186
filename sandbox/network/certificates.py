"""Certificates for simulated hosts, signed by an authority that belongs to one home directory."""

import contextlib
import ipaddress
import os
import ssl
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CA_DAYS = 3650
_LEAF_DAYS = 90


class Authority:
    """A certificate authority kept in `folder` as ca.pem and ca-key.pem (readable by the owner alone)."""

    def __init__(self, folder: Path) -> None:
        self.certificate_file = folder / "ca.pem"
        self._key_file = folder / "ca-key.pem"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._key = self._own_key()
        if not self.certificate_file.exists():
            # another process may do the same: certificates of one key are as good as each other
            Path(_written(self._own_certificate(), folder)).replace(self.certificate_file)
        self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, host: str) -> ssl.SSLContext:
        """Return a server context whose certificate names this host or address."""
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._load(self._issue(host))
            return self._contexts[host]

    def _own_key(self) -> ec.EllipticCurvePrivateKey:
        """Return the key, made by whichever process comes first."""
        if not self._key_file.exists():
            temporary = _written(_pem(ec.generate_private_key(ec.SECP256R1())), self._key_file.parent)
            with contextlib.suppress(FileExistsError):
                os.link(temporary, self._key_file)
            Path(temporary).unlink()
        key = serialization.load_pem_private_key(self._key_file.read_bytes(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    def _own_certificate(self) -> bytes:
        key = self._key
        name = _name("INFRAai sandbox authority")
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(name, name, key.public_key(), _CA_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _issue(self, host: str) -> bytes:
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _builder(_name(host[:64]), self._certificate.subject, self._leaf_key.public_key(), _LEAF_DAYS)
            .add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)

    def _load(self, certificate: bytes) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # ssl reads a key from a file only: it lives for the length of this call, readable by the owner alone
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(certificate + _pem(self._leaf_key))
            file.flush()
            context.load_cert_chain(file.name)
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _written(content: bytes, folder: Path) -> str:
    """Write a temporary file that its owner alone can read; return its path."""
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return temporary
