"""Pushes each code to Skyvern's API, for the paths of Skyvern that only take pushes (`[skyvern] relay`).

A code is claimed before it is pushed, so none is both relayed and served. An attempt that may have arrived is
tried again until the code expires, and the code never goes back; one that Skyvern refuses does.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from core import journal
from core.claims import Claims
from core.errors import OtpgateError
from core.outlet import Outlet
from core.store import Claim, Code, History, Page, Showing, State, Store, Trust, database_away

RUN = "skyvern-relay"
PATH = "/v1/credentials/totp"
_SETTLING = timedelta(seconds=10)
"""How long a message may take from its arrival to its commit."""
_LOOK_SECONDS = 1.0
"""A look around though nobody rang: another node may have stored something."""
_WORKERS = 8
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_TRY_AGAIN = frozenset({408, 425, 429})
_MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where codes go: Skyvern's address, its API key, and how many seconds a push may take."""

    base_url: str
    api_key: str = field(repr=False)
    patience: float = 10.0


class Relay:
    """A thread that claims what arrives, and some that push it."""

    def __init__(
        self, store: Store, claims: Claims, clock: Callable[[], datetime], target: Target, minimum: Trust
    ) -> None:
        self._store, self._claims, self._clock = store, claims, clock
        self._outlet = Outlet(store, clock, minimum)
        self._url = target.base_url.rstrip("/") + PATH
        self._client = httpx.Client(headers={"x-api-key": target.api_key}, timeout=target.patience)
        self._pool = ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="relay")
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self._wake, self._stop = threading.Event(), threading.Event()
        self._given_up: set[str] = set()

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def wake(self, _: str = "") -> None:
        """Something arrived."""
        self._wake.set()

    def start(self) -> None:
        """Begin with what was under way when the process before ended."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is not delivered stays claimed, and the next start goes on with it."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def _run(self) -> None:
        after = self._clock() - _SETTLING
        resumed = False
        while not self._stop.is_set():
            began = self._clock()
            try:
                with database_away():
                    if not resumed:
                        self._resume()
                        resumed = True
                    self._take(after)
                after = began - _SETTLING
            except OtpgateError as error:
                journal.store_failed(error)  # the database is away: the next round tries again
            self._wake.wait(_LOOK_SECONDS)
            self._wake.clear()

    def _resume(self) -> None:
        wanted = History(now=self._clock(), run_id=RUN, state=State.CLAIMED)
        for code in self._store.codes.history(wanted, Page(limit=_MOST)):
            claim = self._store.claims.find(code.claim_id)
            if claim:
                self._pool.submit(self._deliver, claim)

    def _take(self, after: datetime) -> None:
        for code in reversed(self._store.codes.since(after, _MOST)):
            if code.id not in self._given_up and code.state_at(self._clock()) is State.FRESH:
                claim = self._outlet.claim(code, RUN, self._showing("relay"))
                if claim:
                    self._pool.submit(self._deliver, claim)

    def _deliver(self, claim: Claim) -> None:
        """Push until it is delivered or refused, the code is over, or the gateway stops."""
        pause = _FIRST_PAUSE
        while not self._stop.is_set() and self._clock() < claim.code.expires_at:
            status = self._push(claim.code)
            if 200 <= status < 300:  # noqa: PLR2004 - HTTP's success; raw_pending is one: Skyvern has it
                self._claims.end(claim.id, State.ACCEPTED, self._showing("relayed"))
                return
            if 400 <= status < 500 and status not in _TRY_AGAIN:  # noqa: PLR2004 - it will not have this one
                self._given_up.add(claim.code.id)
                self._claims.end(claim.id, State.FRESH, self._showing("refused"))
                return
            self._stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _push(self, code: Code) -> int:
        """The HTTP status of one attempt; 0 for none."""
        named = {"task_id": code.task_id, "workflow_id": code.workflow_id, "workflow_run_id": code.run_id}
        body = {
            "totp_identifier": code.identifier,
            "content": code.value,
            "source": code.channel,
            "expired_at": code.expires_at.astimezone(UTC).isoformat(),
            **{name: value for name, value in named.items() if value},
        }
        try:
            status = self._client.post(self._url, json=body).status_code
        except httpx.HTTPError as error:
            journal.relayed(identifier=code.identifier, code_id=code.id, outcome=type(error).__name__)
            return 0
        journal.relayed(identifier=code.identifier, code_id=code.id, outcome=str(status))
        return status

    def _showing(self, result: str) -> Showing:
        return Showing(at=self._clock(), action="relay", result=result, run_id=RUN)
