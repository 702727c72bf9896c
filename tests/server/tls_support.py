"""Certificates for tests: an authority, a server that it vouches for, and clients that trust it."""

import ssl
from pathlib import Path

import trustme
from attrs import define, field


@define
class Authority:
    """Issues the server's certificate."""

    folder: Path
    _ca: trustme.CA = field(factory=trustme.CA)

    def issue(self) -> dict[str, str]:
        """A new certificate; the settings of a server that has it."""
        issued = self._ca.issue_cert("localhost", "127.0.0.1")
        cert, key = self.folder / "cert.pem", self.folder / "key.pem"
        cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
        return {"tls_cert": str(cert), "tls_key": str(key)}

    def trusted(self) -> ssl.SSLContext:
        """What a client needs that trusts it."""
        context = ssl.create_default_context()
        self._ca.configure_trust(context)
        return context
