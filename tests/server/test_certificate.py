"""The server's certificate: one of its own making, which is kept, or files, which are checked."""

import datetime
import ipaddress
import ssl
import stat
import sys
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from wassop.config import Config, ConfigError
from wassop.core.fingerprints import fingerprint_of
from wassop.locale import translations
from wassop.server.certificate import Certificate, open_certificate, self_signed_file
from wassop.server.self_signed import names_of_this_machine, self_signed


def own(folder: Path, host: str = "127.0.0.1") -> Config:
    return Config(db=str(folder / "sub" / "chat.db"), host=host, tls_self_signed=True)


def from_authority(folder: Path) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    issued = trustme.CA().issue_cert("localhost")
    cert.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(key)
    return cert, key


def test_without_options_there_is_none() -> None:
    assert open_certificate(Config()) is None


def test_one_of_its_own_making_is_kept_beside_the_database_for_its_owner_alone(tmp_path: Path) -> None:
    config = own(tmp_path)
    made = Certificate(config)
    file = self_signed_file(config)
    assert file.parent == config.database.parent
    assert [path.name for path in file.parent.iterdir()] == [file.name], "nothing else is left"
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    assert Certificate(config).fingerprint == made.fingerprint
    assert file.read_bytes() == content


def test_it_names_this_machine_and_where_it_listens(tmp_path: Path) -> None:
    config = own(tmp_path, "chat.example")
    Certificate(config)
    certificate = x509.load_pem_x509_certificate(self_signed_file(config).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "chat.example"} <= set(names.get_values_for_type(x509.DNSName))
    addresses = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    assert "0.0.0.0" not in names_of_this_machine("0.0.0.0")


def test_an_expired_one_is_made_anew(tmp_path: Path) -> None:
    config = own(tmp_path)
    file = self_signed_file(config)
    file.parent.mkdir()
    file.write_bytes(self_signed(["localhost"], datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)))
    expired = fingerprint_of(ssl.PEM_cert_to_DER_cert(file.read_text().partition("-----BEGIN PRI")[0]))
    certificate = Certificate(config)
    assert certificate.fingerprint != expired
    assert certificate.fingerprint == Certificate(config).fingerprint


def test_whatever_else_stands_in_its_place_is_not_touched(tmp_path: Path) -> None:
    config = own(tmp_path)
    file = self_signed_file(config)
    file.parent.mkdir()
    file.write_bytes(b"precious")
    with pytest.raises(ConfigError, match="there is no certificate in it"):
        Certificate(config)
    assert file.read_bytes() == b"precious"


def test_the_fingerprint_is_the_one_that_openssl_shows(tmp_path: Path) -> None:
    cert, key = from_authority(tmp_path)
    certificate = Certificate(Config(tls_cert=str(cert), tls_key=str(key)))
    first = x509.load_pem_x509_certificate(cert.read_bytes())
    from cryptography.hazmat.primitives import hashes

    assert certificate.fingerprint == first.fingerprint(hashes.SHA256()).hex(":").upper()
    assert certificate.context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    ("fault", "place", "named"),
    [
        ("no cert", "--tls-cert", "no such file"),
        ("no key", "--tls-key", "no such file"),
        ("foreign key", "--tls-key", "does not belong"),
        ("cert is none", "--tls-cert", "no certificate"),
        ("cert is broken", "--tls-cert", "no certificate"),
        ("key is none", "--tls-key", "no private key"),
        ("key is broken", "--tls-key", "no private key"),
        ("key is encrypted", "--tls-key", "encrypted"),
        ("cert is a folder", "--tls-cert", "directory"),
    ],
)
def test_files_that_cannot_be_used_are_named_in_one_line(
    tmp_path: Path, fault: str, place: str, named: str, lang: str
) -> None:
    cert, key = from_authority(tmp_path)
    match fault:
        case "no cert":
            cert.unlink()
        case "no key":
            key.unlink()
        case "foreign key":
            trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(key)
        case "cert is none":
            cert.write_bytes(b"\xff\x00")
        case "cert is broken":
            cert.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
        case "key is none":
            key.write_bytes(b"")
        case "key is broken":
            key.write_text("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n")
        case "key is encrypted":
            from cryptography.hazmat.primitives import serialization

            loaded = serialization.load_pem_private_key(key.read_bytes(), None)
            key.write_bytes(
                loaded.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.BestAvailableEncryption(b"secret"),
                )
            )
        case "cert is a folder":
            cert.unlink()
            cert.mkdir()
    with pytest.raises(ConfigError) as caught:
        Certificate(Config(tls_cert=str(cert), tls_key=str(key)))
    sentence = caught.value.sentence(translations(lang))
    assert sentence.startswith(f"{place} {cert if place == '--tls-cert' else key}: ")
    assert "\n" not in sentence
    if lang == "en":
        assert named in sentence


def test_a_bad_new_file_leaves_what_was_read_before(tmp_path: Path) -> None:
    cert, key = from_authority(tmp_path)
    certificate = Certificate(Config(tls_cert=str(cert), tls_key=str(key)))
    context, fingerprint = certificate.context, certificate.fingerprint
    cert.write_text("nothing")
    with pytest.raises(ConfigError):
        certificate.load()
    assert (certificate.context, certificate.fingerprint) == (context, fingerprint)
    from_authority(tmp_path)
    certificate.load()
    assert certificate.fingerprint != fingerprint
