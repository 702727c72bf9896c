"""A certificate of the server's own making, for those who have none from an authority."""

import datetime
import ipaddress
import os
import secrets
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

VALID_DAYS: Final = 3_650
"""Whoever trusts it does so by its fingerprint, and must be asked again for each new one."""
_SKEW: Final = datetime.timedelta(days=1)
"""It holds for clocks that are behind, too."""


def keep_self_signed(path: Path, host: str) -> None:
    """Make sure that `path` holds a certificate and its key (PEM) which have not expired.

    What is there is kept, whatever it is, unless it is an expired certificate; OSError when it can neither
    be read nor made. Only its owner may read the file.
    """
    now = datetime.datetime.now(datetime.UTC)
    try:
        is_new, is_kept = False, not _has_expired(path.read_bytes(), now)
    except FileNotFoundError:
        is_new, is_kept = True, False
    if is_kept:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(self_signed(names_of_this_machine(host), now))
        # Of two servers that start for the first time, the second takes what the first has made.
        if is_new and hasattr(os, "link"):
            _link(made, path)
        else:
            os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)


def _link(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        os.replace(made, path)


def _has_expired(pem: bytes, now: datetime.datetime) -> bool:
    try:
        return x509.load_pem_x509_certificate(pem).not_valid_after_utc <= now
    except ValueError:
        return False  # not ours to replace: whoever loads it says what is wrong


def names_of_this_machine(host: str) -> list[str]:
    """What clients may call the server that listens on `host`."""
    everywhere = {"", "0.0.0.0", "::"}
    names = ["localhost", socket.gethostname(), "127.0.0.1", "::1", *({host} - everywhere)]
    return list(dict.fromkeys(name for name in names if name))


def self_signed(names: Iterable[str], now: datetime.datetime) -> bytes:
    """A new private key and a certificate for `names`, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wassop")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode() if not name.isascii() else name)
