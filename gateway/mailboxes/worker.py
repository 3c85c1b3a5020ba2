"""Watches the mailboxes that this node holds, all of them in one event loop of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx

from core import journal
from core.errors import ConfigurationError, OtpgateError
from core.ids import new_id
from core.ingest import Ingest
from core.settings import MailboxSettings, Settings
from core.store import MAILBOXES_LINE, Store
from gateway.mailboxes.entering import Entrance
from gateway.mailboxes.transport import trusting
from gateway.mailboxes.watching import Means, Watcher

LEASE = timedelta(seconds=6)
_LOOK_SECONDS = 2.0
_THREADS = 8
_STOP_SECONDS = 3.5


@dataclass(frozen=True, kw_only=True)
class _Watched:
    watcher: Watcher
    task: "asyncio.Task[None]"


class Mailboxes:
    """A Worker: on each node, one thread watches what the node holds a lease of."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        ingest: Ingest,
        clock: Callable[[], datetime],
        new_trace: Callable[[], str],
    ) -> None:
        """Raises ConfigurationError when `mailboxes.ca_file` cannot be used."""
        self._store, self._clock, self._settings = store, clock, settings.mailboxes
        self._node = new_id("node", clock())
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="mailbox")
        self._thread = threading.Thread(target=self._run, name="mailboxes", daemon=True)
        self._wake_up: Callable[[], object] = lambda: None
        self._stopping = False
        self._watched: dict[str, _Watched] = {}
        self._means = Means(
            store=store,
            ingest=ingest,
            clock=clock,
            new_trace=new_trace,
            settings=settings.mailboxes,
            horizon=timedelta(seconds=max(settings.codes.code_seconds, settings.codes.link_seconds)),
            entrance=_entrance(settings.mailboxes, clock),
            pool=self._pool,
        )

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def wake(self, name: str) -> None:
        """A mailbox was added or removed."""
        if name == MAILBOXES_LINE:
            with suppress(RuntimeError):  # the loop was closed just now
                self._wake_up()

    def start(self) -> None:
        """Begin where the process before ended."""
        self._thread.start()

    def stop(self) -> None:
        """Let go of every mailbox; what was not stored is fetched again at the next start."""
        self._stopping = True
        self.wake(MAILBOXES_LINE)
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._work())
        except Exception as error:
            journal.failed("mailboxes", error)
            raise
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)

    async def _work(self) -> None:
        woken = asyncio.Event()
        self._wake_up = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        try:
            while not self._stopping:
                woken.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await woken.wait()
        finally:
            await self._let_go(list(self._watched))
            await self._means.entrance.http.aclose()
            with suppress(OtpgateError, TimeoutError):
                async with asyncio.timeout(1):
                    await asyncio.wrap_future(self._store.mailboxes.release(self._node))

    async def _look(self) -> None:
        """Take what may be taken, let go of what is not ours any more; raises what a watcher died of."""
        for one in self._watched.values():
            if one.task.done():
                one.task.result()
        now = self._clock()
        hold, loop = self._store.mailboxes.hold, asyncio.get_running_loop()
        try:
            held = await loop.run_in_executor(self._pool, hold, self._node, now, now + LEASE, self._settings.most)
        except OtpgateError as error:
            journal.store_failed(error)  # the database is away: go on with what we have
            return
        mine = {box.id: box for box in held}
        await self._let_go([
            key for key, one in self._watched.items()
            if key not in mine or mine[key].changed_at != one.watcher.mailbox.changed_at
        ])  # fmt: skip
        for key, box in mine.items():
            if key not in self._watched:
                watcher = Watcher(box, self._means)
                self._watched[key] = _Watched(watcher=watcher, task=asyncio.create_task(watcher.run()))

    async def _let_go(self, keys: list[str]) -> None:
        gone = [self._watched.pop(key).task for key in keys]
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)


def _entrance(settings: MailboxSettings, clock: Callable[[], datetime]) -> Entrance:
    try:
        tls = trusting(settings.ca_file)
    except OSError as error:
        raise ConfigurationError([f"mailboxes.ca_file: cannot be used: {error.strerror}"]) from error
    http = httpx.AsyncClient(verify=tls)
    return Entrance(tls=tls, fetch_bytes=settings.fetch_kib * 1024, http=http, clock=clock)
