"""The configuration: merged from three places, checked once."""

from pathlib import Path

import attrs
import pytest

from wassop.config import Config, ConfigError, Endpoint, Unfit, load
from wassop.core.limits import Limits, Rate, Rates
from wassop.locale import translations


def test_without_anything_the_defaults_hold() -> None:
    assert load(None, {}) == Config()
    assert Config().endpoints == (Endpoint("127.0.0.1", 5555),)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "colour"),
        ('port = "5555"', "port = '5555'"),
        ("port = 65536", "65536"),
        ("port = -1", "-1"),
        ("max_line_bytes = 1", "max_line_bytes = 1"),
        ("ping_interval_s = nan", "ping_interval_s = nan"),
        ("search_timeout_s = 0", "search_timeout_s = 0"),
        ('listen = "127.0.0.1:1"', "listen"),
        ('listen = ["127.0.0.1"]', "listen"),
        ('listen = ["127.0.0.1:1=morse"]', "listen"),
        ('metrics = "127.0.0.1"', "metrics"),
        ('metrics = "127.0.0.1:1=plain"', "metrics"),
        ('lang = "fr"', "lang = 'fr'"),
        ("verbose = 1", "verbose = 1"),
        ("[limits]\nport = 1", "limits"),
        ("port =", "TOML"),
        ('web = "127.0.0.1:1=plain"', "web"),
        ('web = "8080"', "web"),
        ('web_host = ["chat.example.org:80"]', "web_host"),
        ('web_host = ["*"]', "web_host"),
        ('web_host = ["-a"]', "web_host"),
        ('trust_network = ["10.0.0.1/8"]', "trust_network"),
        ('trust_network = "10.0.0.0/8"', "trust_network"),
        ("messages_per_s = -1.0", "messages_per_s = -1.0"),
        ("messages_burst = 0", "messages_burst = 0"),
        ("max_connections_per_address = 0", "max_connections_per_address = 0"),
        ("naming_timeout_s = 0", "naming_timeout_s = 0"),
    ],
)
@pytest.mark.parametrize("lang", ["es", "en"])
def test_a_bad_file_is_refused_in_one_line_that_names_file_and_key(
    tmp_path: Path, text: str, named: str, lang: str
) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    sentence = caught.value.sentence(translations(lang))
    assert str(file) in sentence
    assert named in sentence
    assert "\n" not in sentence


def test_the_environment_is_read_by_type() -> None:
    config = load(None, {"WASSOP_PORT": "7", "WASSOP_VERBOSE": "true", "WASSOP_LISTEN": "a:1 b:2=plain"})
    assert (config.port, config.verbose, config.listen) == (7, True, ("a:1", "b:2=plain"))


def test_a_door_for_browsers_comes_last_and_names_are_told_by_spaces() -> None:
    config = load(None, {"WASSOP_WEB": "[::1]:8080", "WASSOP_WEB_HOST": "a.b chat", "WASSOP_LISTEN": "a:1"})
    assert config.endpoints[1:] == (Endpoint("a", 1), Endpoint("::1", 8_080, "web"))
    assert config.web_host == ("a.b", "chat")


def test_the_figures_are_told_nowhere_unless_a_place_is_named() -> None:
    assert Config().metrics_endpoint is None
    assert load(None, {"WASSOP_METRICS": "[::1]:9555"}).metrics_endpoint == Endpoint("::1", 9_555)


def test_variables_of_the_client_are_not_the_servers() -> None:
    assert load(None, {"WASSOP_NAME": "ana", "WASSOP_SERVER": "x", "HOME": "/"}) == Config()


def test_what_is_printed_reads_back_to_the_same(tmp_path: Path) -> None:
    config = attrs.evolve(Config(), listen=("[::1]:0", "a:1=plain"), lang="en", sniff_silence_s=1.5)
    file = tmp_path / "wassop.toml"
    file.write_text(config.to_toml())
    assert load(file, {}) == config


def test_every_limit_of_the_hub_is_a_setting_with_the_same_default() -> None:
    assert Config().limits == Limits()


def test_networks_of_trust_replace_the_machine_itself_and_can_be_none() -> None:
    given = load(None, {"WASSOP_TRUST_NETWORK": "10.0.0.0/8 fd00::/8"})
    assert given.trust_network == ("10.0.0.0/8", "fd00::/8")
    assert load(None, {"WASSOP_TRUST_NETWORK": ""}).trust_network == ()
    assert load(None, {}, {"trust_network": ("::/0",)}).trust_network == ("::/0",)


def test_a_rate_of_nothing_is_no_bound() -> None:
    assert Config().rates == Rates(Rate(10.0, 50), Rate(50.0, 500), Rate(65_536.0, 262_144))
    assert attrs.evolve(Config(), messages_per_s=0.0).rates == Rates(
        None, Rate(50.0, 500), Rate(65_536.0, 262_144)
    )
    free = attrs.evolve(Config(), messages_per_s=0.0, requests_per_s=0.0, received_bytes_per_s=0.0)
    assert free.rates is None
    assert attrs.evolve(Config(), connections_per_address_per_s=0.0).connection_rate is None


@pytest.mark.parametrize("text", ["", "a", ":1", "a:", "a:x", "a:1:", "a:65536", "a:-1", "a:1=", "a:²"])
def test_endpoints_that_are_none(text: str) -> None:
    if text == "a:1=":
        assert Endpoint.parse(text) == Endpoint("a", 1)
        return
    with pytest.raises(Unfit):
        Endpoint.parse(text)


def test_of_a_list_the_one_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text('trust_network = ["10.0.0.0/8", "here"]')
    listen = "127.0.0.1:5000=nick", "5001", "x"
    for place, given in (
        (f"{file}: trust_network = 'here'", lambda: load(file, {})),
        ("WASSOP_LISTEN = '5001'", lambda: load(None, {"WASSOP_LISTEN": " ".join(listen)})),
        ("--listen = '5001'", lambda: load(None, {}, {"listen": listen})),
    ):
        with pytest.raises(ConfigError) as caught:
            given()
        assert caught.value.sentence(translations("en")).startswith(f"{place}: ")


def test_a_file_that_is_no_text_is_refused_in_words_for_people(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    assert caught.value.sentence(translations("es")) == f"{file}: no es un texto en UTF-8"


@pytest.mark.parametrize("rule", ["x", "allow=z", "allow=10.0.0.1/8", "lobby=", "lobby=\x1b"])
def test_rules_of_a_door_that_are_none(rule: str) -> None:
    with pytest.raises(Unfit, match="allow=NETWORK or lobby=ROOM"):
        Endpoint.parse(f"a:1=remitente,{rule}")


def test_endpoints_read_as_they_were_written() -> None:
    ruled = "a:1=remitente,allow=10.0.0.0/8,lobby=Clase 2"
    for text in ("127.0.0.1:5555", "[::1]:0=native", "localhost:8080=plain", ruled):
        assert str(Endpoint.parse(text)) == text


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"tls_cert": "c.pem"}, "--tls-cert: --tls-key"),
        ({"tls_key": "k.pem"}, "--tls-key: --tls-cert"),
        ({"tls_required": True}, "--tls-required"),
        ({"tls_self_signed": True, "tls_cert": "c.pem", "tls_key": "k.pem"}, "--tls-self-signed"),
    ],
)
@pytest.mark.parametrize("lang", ["es", "en"])
def test_options_of_tls_that_do_not_go_together_are_refused_in_one_line(
    values: dict[str, object], named: str, lang: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, {}, values)
    sentence = caught.value.sentence(translations(lang))
    assert sentence.startswith(named)
    assert "\n" not in sentence
