"""`build(settings)`: the only place where the parts are put together."""

import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask

from core import access, journal
from core.claims import Claims
from core.envelopes import check_domain
from core.errors import ConfigurationError, InvalidIdentifierError
from core.identifiers import normalize
from core.ingest import Ingest, Lifetimes, Prove
from core.message import Channel, Envelope, InboundMessage
from core.migrations import migrate
from core.reading import read
from core.settings import Settings
from core.store import Store, Trust, is_sqlite, open_store, sqlite_url
from core.waiting import Bell
from gateway.providers import configure
from gateway.vouching import proving
from gateway.web import Parts, create_app
from gateway.web.held import HeldRequests

ADMIN_KEY_FILE = "admin.key"
_DATABASE_FILE = "otpgate.db"
_SAMPLE = (
    b"From: a@example.com\r\nTo: b@example.com\r\nSubject: Code\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Your code is <b>123456</b>. <a href='https://example.com/sign-in'>Sign in</a></p>"
)


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


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """The parts of one running gateway, put together and not yet listening."""

    settings: Settings
    store: Store
    ingest: Ingest
    claims: Claims
    clock: Clock
    app: Flask
    works: dict[str, Callable[[], bool]]
    """Each part by name, and whether it works; doors add themselves once they listen."""

    def accept_recipient(self, address: str) -> None:
        """What the SMTP door asks at RCPT; raises ForeignDomainError."""
        check_domain(address, self.settings.gateway_domains())


def build(settings: Settings) -> Runtime:
    """Migrate and open the store, and put every part together; raises ConfigurationError."""
    hooks = configure(settings.hooks)
    if hooks and not settings.server.public_url:
        raise ConfigurationError(["server.public_url: a webhook needs it: its sender signs the public URL"])
    clock, bell = Clock(), Bell()
    store = _open(settings, bell)
    prove = proving(settings.trust, clock)
    _warm_up(store, prove, clock())
    ingest = Ingest(
        store=store,
        prove=prove,
        lifetimes=Lifetimes(
            code=timedelta(seconds=settings.codes.code_seconds),
            link=timedelta(seconds=settings.codes.link_seconds),
        ),
        threshold=settings.extraction.threshold,
        gateway_domains=settings.gateway_domains(),
        default_region=settings.identifiers.default_region,
        accept_unknown=settings.identifiers.accept_unknown,
    )
    look_back = timedelta(seconds=settings.claims.look_back)
    claims = Claims(store, bell, clock, look_back, Trust(settings.trust.minimum))
    works: dict[str, Callable[[], bool]] = {"store": store.answers}
    parts = Parts(
        settings=settings,
        store=store,
        ingest=ingest,
        claims=claims,
        hooks=hooks,
        clock=clock,
        new_trace=new_trace,
        held=HeldRequests(settings.http.max_held_requests),
        ready=lambda: _readiness(works),
    )
    return Runtime(
        settings=settings,
        store=store,
        ingest=ingest,
        claims=claims,
        clock=clock,
        app=create_app(parts),
        works=works,
    )


def _warm_up(store: Store, prove: Prove, now: datetime) -> None:
    """Load what first use would load (words, charsets, statements): the first code is as quick as the next."""
    sample = InboundMessage(
        channel=Channel.EMAIL, door="", received_at=now, trace_id="", raw=_SAMPLE, envelope=Envelope()
    )
    read(sample, threshold=1.0)
    prove(sample)
    with suppress(InvalidIdentifierError):
        normalize("+15550000000")
    store.registry.get("")
    store.registry.owner("")
    store.codes.recent("", now)
    store.codes.held_by("", "", "", now)
    store.codes.rejected_until("", "")
    store.messages.since(now)
    store.messages.add([]).result()


def new_trace() -> str:
    """A trace id: 64 random bits in hexadecimal."""
    return secrets.token_hex(8)


def database_url(settings: Settings) -> str:
    """The configured database, or the SQLite file in the data folder."""
    return settings.database.url.get_secret_value() or sqlite_url(settings.server.data_dir / _DATABASE_FILE)


def make_data_dir(folder: Path) -> None:
    """Make the data folder, for its owner alone; raises ConfigurationError naming it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigurationError(
            [f"server.data_dir: {folder} cannot be written to ({error.strerror}): name another with --data-dir"]
        ) from error


def make_admin_key(runtime: Runtime) -> str | None:
    """On the first start, make an admin key and keep it in the data folder (mode 0600); its text, else None."""
    if runtime.store.keys.all():
        return None
    file = runtime.settings.server.data_dir / ADMIN_KEY_FILE
    text, record, digest = access.mint("admin", ["admin"], [], None, runtime.clock())
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text + "\n", encoding="ascii")
    runtime.store.keys.add(record, digest).result()
    journal.admin_key_made(str(file))
    return text


def _open(settings: Settings, bell: Bell) -> Store:
    make_data_dir(settings.server.data_dir)
    url = database_url(settings)
    done = migrate(url)
    if done.before != done.after:
        journal.migrated(before=done.before, after=done.after, backup=str(done.backup or ""))
    if is_sqlite(url):
        (settings.server.data_dir / _DATABASE_FILE).chmod(0o600)
    return open_store(url, bell.ring)


def _readiness(works: Mapping[str, Callable[[], bool]]) -> dict[str, bool]:
    return {name: check() for name, check in works.items()}
