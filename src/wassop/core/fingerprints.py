"""How people compare certificates."""

import hashlib


def fingerprint_of(certificate: bytes) -> str:
    """SHA-256 of a certificate (DER), as `openssl x509 -fingerprint -sha256` shows it: `AA:BB:...`."""
    return hashlib.sha256(certificate).digest().hex(":").upper()
