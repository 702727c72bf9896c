"""What the server proves itself with: a certificate and its key, read from files, and again when asked."""

import re
import ssl
from pathlib import Path
from typing import Final, NoReturn

from wassop.config import Config, ConfigError, Unfit, unreadable
from wassop.core.fingerprints import fingerprint_of
from wassop.locale import N_

_FIRST_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def self_signed_file(config: Config) -> Path:
    """Where a certificate of the server's own making is kept, with its key: beside the database."""
    return config.database.with_name("wassop-tls.pem")


class Certificate:
    """Certificate and key as TLS connections begin with them."""

    def __init__(self, config: Config) -> None:
        """ConfigError when they cannot be used."""
        self._config: Final = config
        self.context: ssl.SSLContext
        """For new connections; those that have begun go on with the one they began with."""
        self.fingerprint: str
        """SHA-256 of the server's certificate, `AA:BB:...`."""
        self.load()

    def load(self) -> None:
        """Read the files again; ConfigError, and what was read before stays, when they cannot be used."""
        config = self._config
        if config.tls_self_signed:
            file = self_signed_file(config)
            _keep(file, config.host)
            self.context, self.fingerprint = _loaded("--tls-self-signed", file, "--tls-self-signed", file)
        else:
            self.context, self.fingerprint = _loaded(
                "--tls-cert", Path(config.tls_cert), "--tls-key", Path(config.tls_key)
            )


def open_certificate(config: Config) -> Certificate | None:
    """The certificate of a server that has one; ConfigError when it cannot be used."""
    return Certificate(config) if config.has_tls else None


def _keep(file: Path, host: str) -> None:
    # Loaded only here: it is large, and most servers start without.
    from wassop.server.self_signed import keep_self_signed

    try:
        keep_self_signed(file, host)
    except OSError as error:
        raise ConfigError(f"--tls-self-signed: {file}", unreadable(error)) from error


def _loaded(cert_place: str, cert: Path, key_place: str, key: Path) -> tuple[ssl.SSLContext, str]:
    cert_place, key_place = f"{cert_place} {cert}", f"{key_place} {key}"
    first = _FIRST_CERTIFICATE.search(_read(cert_place, cert))
    _read(key_place, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    # Python 3.11.2, which is Debian's, would take a connection that was cut for one that was ended.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # there since OpenSSL 3.0
    context.num_tickets = 0  # a client that hangs up without having read them would reset what it sent
    try:
        if first is None:
            raise ssl.SSLError
        certificate = ssl.PEM_cert_to_DER_cert(first[0])
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigError(cert_place, Unfit(N_("there is no certificate in it (PEM)"))) from error

    def refuse() -> NoReturn:
        raise ConfigError(key_place, Unfit(N_("the key is encrypted; it must be stored without a password")))

    try:
        context.load_cert_chain(cert, key, password=refuse)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ConfigError(key_place, Unfit(N_("the key does not belong to the certificate"))) from error
        if error.reason in (None, "NO_START_LINE"):
            raise ConfigError(key_place, Unfit(N_("there is no private key in it (PEM)"))) from error
        raise ConfigError(cert_place, Unfit("{reason}", reason=error.reason)) from error
    except OSError as error:
        raise ConfigError(key_place, unreadable(error)) from error
    return context, fingerprint_of(certificate)


def _read(place: str, file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise ConfigError(place, unreadable(error)) from error
