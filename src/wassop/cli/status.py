"""`wassop status`: how a running server is, for people."""

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wassop.cli.common import TR, _, fail, load_config
from wassop.locale import LANGUAGES

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from wassop.config import Endpoint

_TIMEOUT_S: Final = 5.0
_MAX_BYTES: Final = 1_048_576
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))

Families = Mapping[str, "Metric"]


@click.command("status", help=_("Show how a running server is; it must have been started with --metrics."))
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    help=_("Where the server tells it (as the configuration says)."),
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="WASSOP_CONFIG",
    help=_("The server's configuration."),
)
# Read from argv by `common` already, before anything is said.
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("Language (that of your locale, or es)."))
def status_command(metrics: str | None, config_file: Path | None, lang: str | None) -> None:
    """Show a server's figures."""
    import http.client

    endpoint = load_config(config_file, metrics=metrics, lang=lang).metrics_endpoint
    if endpoint is None:
        raise fail(_("--metrics HOST:PORT is missing here, and metrics in the configuration"))
    try:
        families = _fetched(endpoint)
        rows = list(_rows(families))
    except OSError:
        _give_up(_("{address}: no server answers").format(address=endpoint))
    except (http.client.HTTPException, ValueError, LookupError):
        _give_up(_("{address}: what answers is no wassop server").format(address=endpoint))
    width = max(len(name) for name, _value in rows)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {value}")


def _give_up(line: str) -> None:
    fail(line)
    sys.exit(1)


def _fetched(endpoint: "Endpoint") -> Families:
    import http.client

    from prometheus_client.parser import text_string_to_metric_families

    connection = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ValueError(answer.status)
        text = answer.read(_MAX_BYTES).decode()
    finally:
        connection.close()
    return {family.name: family for family in text_string_to_metric_families(text)}


def _rows(families: Families) -> Iterator[tuple[str, str]]:
    (info,) = families["wassop_info"].samples
    yield _("version"), info.labels["version"]
    yield _("up for"), _duration(time.time() - _total(families, "wassop_start_time_seconds"))
    dialects = ", ".join(
        f"{s.labels['dialect']} {s.value:.0f}" for s in families["wassop_sessions"].samples if s.value
    )
    people = _number(_total(families, "wassop_sessions"))
    yield _("people"), f"{people} ({dialects})" if dialects else people
    for name, family in (
        (_("connections"), "wassop_connections"),
        (_("rooms"), "wassop_rooms"),
        (_("messages"), "wassop_messages"),
        (_("deliveries"), "wassop_deliveries"),
        (_("requests refused"), "wassop_refused"),
        (_("bytes waiting for readers"), "wassop_outbox_bytes"),
    ):
        yield name, _number(_total(families, family))
    yield _("database"), _database(families)


def _database(families: Families) -> str:
    if "wassop_database_waiting" not in families:
        return _("none")
    if _total(families, "wassop_database_failing"):
        return _("messages cannot be stored")
    waiting = int(_total(families, "wassop_database_waiting"))
    text = TR.ngettext("{count} message waits, for {lag} s", "{count} messages wait, for {lag} s", waiting)
    return text.format(count=_number(waiting), lag=f"{_total(families, 'wassop_database_lag_seconds'):.3f}")


def _total(families: Families, name: str) -> float:
    return sum(s.value for s in families[name].samples if not s.name.endswith("_created"))


def _number(value: float) -> str:
    return f"{value:,.0f}"


def _duration(seconds: float) -> str:
    """The two largest units: `3 d 4 h`."""
    rest, parts = max(0, int(seconds)), list[str]()
    for size, unit in _UNITS:
        count, rest = divmod(rest, size)
        if count or parts or unit == "s":
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
