"""`build(settings)`: the only place where the parts are put together."""

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from flask import Flask

from core.claims import Claims
from core.envelopes import check_domain
from core.errors import ConfigurationError
from core.feed import Feed
from core.filing import Lifetimes
from core.ingest import Ingest, Prove
from core.settings import DiskSettings, Settings
from core.store import NodeBell, SilentBell, Store, Trust, is_sqlite, open_bell
from core.turns import Turns
from core.waiting import Bell
from gateway.data_folder import database_url
from gateway.database import open_database
from gateway.disk import Disk
from gateway.figures import FigureWriter
from gateway.heartbeats import HeartbeatWatch
from gateway.joining import Joiner
from gateway.mailboxes.worker import Mailboxes
from gateway.metrics import Metrics
from gateway.outgoing import Outgoing
from gateway.providers import configure
from gateway.readers import Readers, processes
from gateway.relay import Relay, Target
from gateway.rotation import Rotation
from gateway.sealing import key_file
from gateway.vouching import proving
from gateway.warming import warm_up
from gateway.web import Parts, create_app
from gateway.web.held import HeldRequests
from gateway.web.wrong_keys import Allowance, WrongKeys

AUDITED_EACH, AUDITED_IN_ALL = 60, 300
"""Refused calls a minute that get an audit row, of one address and in all: an attacker must not fill the disk."""


class Clock:
    """The gateway's clock: aware UTC, never running backwards, never the same moment twice."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """The present moment."""
        with self._lock:
            self._last = max(self._last + timedelta(microseconds=1), datetime.now(UTC))
            return self._last


class Worker(Protocol):
    """A part that works beside the doors, in threads of its own; the gateway goes down when it dies."""

    @property
    def alive(self) -> bool:
        """Whether it works."""

    def start(self) -> None:
        """Begin, once the doors listen."""

    def stop(self) -> None:
        """End, before the doors drain; what is under way is finished or left as it was."""


class Wakeful(Worker, Protocol):
    """A worker that waits for what arrives."""

    def wake(self, name: str) -> None:
        """Something arrived for that identifier, or on that line."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The parts of one running gateway, put together and not yet listening."""

    parts: Parts
    app: Flask
    clock: Clock
    disk: Disk
    metrics: Metrics
    workers: Mapping[str, Worker]
    """What works beside the doors, by name, as configured."""
    nodes: NodeBell | SilentBell
    """The bell between this node and others of the same database."""
    works: dict[str, Callable[[], bool]]
    """Each part by name, and whether it works; doors add themselves once they listen, the event loop last."""

    @property
    def settings(self) -> Settings:
        """What was configured."""
        return self.parts.settings

    @property
    def store(self) -> Store:
        """The open store."""
        return self.parts.store

    @property
    def ingest(self) -> Ingest:
        """Where every door ends."""
        return self.parts.ingest

    @property
    def claims(self) -> Claims:
        """Who hands out codes."""
        return self.parts.claims

    def accept_recipient(self, address: str) -> None:
        """What the SMTP door asks at RCPT; raises ForeignDomainError."""
        check_domain(address, self.settings.gateway_domains())


def build(settings: Settings) -> Runtime:
    """Migrate and open the store, and put every part together; raises ConfigurationError."""
    # Long: a line for each part.
    hooks = configure(settings.hooks, settings.identifiers.default_region)
    if any(hook.settings.signs_url for hook in hooks.values()) and not settings.server.public_url:
        raise ConfigurationError(["server.public_url: a webhook needs it: its sender signs the public URL"])
    clock, bell = Clock(), Bell()
    heard: list[Callable[[str], None]] = [bell.ring]
    store = open_database(settings, lambda name: _tell([*heard, nodes.ring], name))
    nodes = open_bell(database_url(settings), lambda name: _tell(heard, name), bell.ring_all, clock)
    prove = proving(settings.trust, clock)
    disk, metrics = _disk(settings), Metrics()
    readers = Readers(threshold=settings.extraction.threshold, processes=processes(settings.extraction.processes))
    ingest = _ingest(settings, store, readers, prove, disk)
    look_back = timedelta(seconds=settings.claims.look_back)
    claims = Claims(store, bell, clock, look_back, Trust(settings.trust.minimum))
    warm_up(store, claims, prove, clock())
    feed = Feed(store.events)
    warnings: dict[str, str] = {}
    watch, watched = _heartbeats(settings, store, clock, warnings, metrics)
    wakeful = {"feed": feed, **_wakeful(settings, store, ingest, claims, clock)}
    heard += [worker.wake for worker in wakeful.values()]
    workers: dict[str, Worker] = {"readers": readers, "figures": FigureWriter(store, metrics, clock), **wakeful}
    workers |= {"joiner": Joiner(store, ingest, clock, new_trace)} | ({"heartbeats": watch} if watched else {})
    held = HeldRequests(settings.http.max_held_requests)
    metrics.gauge("otpgate_waiters", "Requests that are held until a code comes", lambda: held.count)
    metrics.gauge("otpgate_streams", "Event streams that are open", lambda: held.streams)
    metrics.gauge("otpgate_disk_free_bytes", "Free space of the data folder's disk", lambda: disk.free)
    works: dict[str, Callable[[], bool]] = {"store": store.answers, "event loop": lambda: False}  # not yet
    parts = Parts(
        settings=settings,
        store=store,
        ingest=ingest,
        claims=claims,
        turns=Turns(store, bell, clock),
        feed=feed,
        hooks=hooks,
        clock=clock,
        new_trace=new_trace,
        held=held,
        rotation=Rotation(store, key_file(settings)),
        warnings=warnings,
        ready=lambda: {name: check() for name, check in tuple(works.items())},
        metrics=metrics.text,
        wrong_keys=WrongKeys(clock),
        refusals=Allowance(clock, each=AUDITED_EACH, in_all=AUDITED_IN_ALL),
        heard=watch.heard,
    )
    return Runtime(
        parts=parts,
        app=create_app(parts),
        clock=clock,
        disk=disk,
        metrics=metrics,
        workers=workers,
        nodes=nodes,
        works=works,
    )


def _disk(settings: Settings) -> Disk:
    """The data folder's disk; a database elsewhere leaves nothing on it that could fill it."""
    here = is_sqlite(database_url(settings))
    return Disk(settings.server.data_dir, settings.disk if here else DiskSettings(free_mib=0, ballast_mib=0))


def _ingest(settings: Settings, store: Store, readers: Readers, prove: Prove, disk: Disk) -> Ingest:
    return Ingest(
        store=store,
        prove=prove,
        lifetimes=Lifetimes(
            code=timedelta(seconds=settings.codes.code_seconds),
            link=timedelta(seconds=settings.codes.link_seconds),
        ),
        read=readers,
        gateway_domains=settings.gateway_domains(),
        default_region=settings.identifiers.default_region,
        accept_unknown=settings.identifiers.accept_unknown,
        check_room=disk.check,
    )


def _heartbeats(
    settings: Settings, store: Store, clock: Clock, warnings: dict[str, str], metrics: Metrics
) -> tuple[HeartbeatWatch, bool]:
    """The watch over hooks that must not fall silent, and whether there are any."""
    limits = {name: hook.silent_after for name, hook in settings.hooks.items() if hook.silent_after}
    watch = HeartbeatWatch(store, clock, limits, warnings)
    silent, last = ({name: partial(number, name) for name in limits} for number in (watch.silent, watch.heard_at))
    metrics.gauge_of("hook", "otpgate_hook_silent", "Whether it is silent for longer than configured", silent)
    metrics.gauge_of("hook", "otpgate_hook_last_heard_timestamp_seconds", "When it was last heard", last)
    return watch, bool(limits)


def _wakeful(settings: Settings, store: Store, ingest: Ingest, claims: Claims, clock: Clock) -> dict[str, Wakeful]:
    """What works on as soon as something arrives, or is told to."""
    minimum = Trust(settings.trust.minimum)
    found: dict[str, Wakeful] = {
        "mailboxes": Mailboxes(settings, store, ingest, clock, new_trace),
        "outgoing": Outgoing(store, claims, clock, settings.webhooks, minimum),
    }
    skyvern = settings.skyvern
    if skyvern.relay:
        target = Target(base_url=skyvern.base_url, api_key=skyvern.api_key.get_secret_value())
        found["relay"] = Relay(store, claims, clock, target, minimum)
    return found


def _tell(heard: list[Callable[[str], None]], name: str) -> None:
    """Ring wherever something waits for what arrives."""
    for ring in heard:
        ring(name)


def new_trace() -> str:
    """A trace id: 64 random bits in hexadecimal."""
    return secrets.token_hex(8)
