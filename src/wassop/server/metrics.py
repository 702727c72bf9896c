"""The chat's figures in Prometheus' text format, worked out when they are asked for."""

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Final, Self

import trio
from attrs import Factory, define
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from wassop import __version__
from wassop.core.events import Farewell
from wassop.core.refusals import Code
from wassop.server.chat import Chat
from wassop.server.figures import BOUNDS_S, Latency
from wassop.wire.dialects import SPOKEN

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Of what `Metrics.text` gives: there is no name in it that the older format does not know."""


_FAIRNESS_CONNECTIONS: Final = 256
"""After so many, others get their turn: 10,000 took 30 ms."""


@define
class _Census:
    """Who is here."""

    connections: int = 0
    named: Counter[str] = Factory(Counter)
    """By dialect."""
    waiting_bytes: int = 0

    @classmethod
    async def of(cls, chat: Chat) -> Self:
        census, here = cls(len(chat.connections)), list(chat.connections.items())
        for first in range(0, len(here), _FAIRNESS_CONNECTIONS):
            await trio.lowlevel.checkpoint()
            for session, connection in here[first : first + _FAIRNESS_CONNECTIONS]:
                if session.name is not None:
                    census.named[connection.dialect] += 1
                census.waiting_bytes += connection.waiting_bytes
        return census


class Metrics(Collector):
    """Reads a chat. Nothing is kept here: the chat counts, in plain numbers."""

    def __init__(self, chat: Chat) -> None:
        self._chat: Final = chat
        self._census = _Census()
        self._registry: Final = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)  # processor time, memory, open files; on Linux

    async def text(self) -> bytes:
        """All figures as of now."""
        self._census = await _Census.of(self._chat)
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """For the registry."""
        yield InfoMetricFamily("wassop", "This server.", {"version": __version__})
        yield GaugeMetricFamily(
            "wassop_start_time_seconds", "When it started (Unix time).", self._chat.figures.started_at
        )
        yield from self._present()
        yield from self._counted()
        yield from self._database()

    def _present(self) -> Iterator[Metric]:
        census = self._census
        sessions = GaugeMetricFamily("wassop_sessions", "Who is in the chat.", labels=["dialect"])
        for dialect in SPOKEN:
            sessions.add_metric([dialect], census.named[dialect])
        yield sessions
        yield GaugeMetricFamily(
            "wassop_connections", "Open connections, those without a name included.", census.connections
        )
        yield GaugeMetricFamily("wassop_rooms", "Rooms that exist.", sum(1 for _ in self._chat.hub.rooms))
        yield GaugeMetricFamily("wassop_outbox_bytes", "What waits for readers in all.", census.waiting_bytes)

    def _counted(self) -> Iterator[Metric]:
        figures = self._chat.figures
        messages = CounterMetricFamily("wassop_messages", "Messages that came in.", labels=["kind"])
        messages.add_metric(["room"], figures.messages)
        messages.add_metric(["private"], figures.private_messages)
        yield messages
        deliveries = CounterMetricFamily(
            "wassop_deliveries",
            "How often one was handed to a reader other than its author.",
            labels=["kind"],
        )
        deliveries.add_metric(["room"], figures.deliveries)
        deliveries.add_metric(["private"], figures.private_messages)
        yield deliveries
        if figures.latency is not None:
            yield _histogram(figures.latency)
        refused = CounterMetricFamily("wassop_refused", "Requests that were refused.", labels=["code"])
        for code in Code:
            refused.add_metric([code], figures.refused[code])
        yield refused
        ended = CounterMetricFamily("wassop_disconnects", "Connections that ended.", labels=["reason"])
        for reason in Farewell:
            ended.add_metric([reason], figures.ended[reason])
        yield ended
        yield CounterMetricFamily(
            "wassop_omitted",
            "Messages left out for clients that take them one by one and too slowly, when they have gone.",
            figures.omitted,
        )

    def _database(self) -> Iterator[Metric]:
        journal = self._chat.journal
        if journal is None:
            return
        yield GaugeMetricFamily(
            "wassop_database_waiting", "Entries that are not in the database yet.", journal.waiting
        )
        yield GaugeMetricFamily(
            "wassop_database_lag_seconds", "For how long the oldest of them has waited.", journal.lag_s
        )
        yield GaugeMetricFamily(
            "wassop_database_failing", "1 while messages cannot be stored.", int(journal.is_failing)
        )


def _histogram(latency: Latency) -> Metric:
    bounds = [*map(str, BOUNDS_S), "+Inf"]
    family = HistogramMetricFamily(
        "wassop_fanout_seconds",
        "From the oldest message of a batch reaching its room to the batch having been handed over.",
    )
    family.add_metric([], list(zip(bounds, accumulate(latency.counts), strict=True)), latency.sum_s)
    return family
