"""Pull addresses: one address for one program that polls it, and a code for each of its runs."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import access, journal
from core.claims import Claims, Request
from core.errors import AmbiguousCodeError, AmbiguousIssuerError, UnauthenticatedError
from core.ids import cursor_at
from core.matching import Ask, obstacle
from core.store import ApiKey, Code, Pull, Showing, State, Store

LONGEST_HOLD = timedelta(seconds=25)
"""Skyvern gives up after 30 s."""
REPEATED_FOR = timedelta(seconds=30)
"""How long a run that asks again is told the same: its answer may have been lost."""
_TOKEN_BYTES = 32
_NO_ADDRESS = "there is no such pull address"


@dataclass(frozen=True, kw_only=True)
class Puller:
    """Who pulls: which run ("": all that pull there are one), its names, from where, and whether it has left."""

    run_id: str = ""
    names: tuple[str, ...] = ()
    address: str = ""
    gone: Callable[[], bool] = lambda: False


class PullAddresses:
    """Makes pull addresses, and answers at them."""

    def __init__(self, store: Store, claims: Claims, clock: Callable[[], datetime]) -> None:
        self._store, self._claims, self._clock = store, claims, clock

    def make(self, wanted: Pull) -> str:
        """The token of a new address; only its digest is kept."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._store.pulls.add(replace(wanted, digest=_digest(token))).result()
        return token

    def find(self, token: str) -> Pull:
        """What the token was made for; raises UnauthenticatedError, also once its maker's key has ended."""
        pull = self._store.pulls.find(_digest(token))
        if pull is None:
            raise UnauthenticatedError(_NO_ADDRESS)
        self._check(pull)
        return pull

    def _check(self, pull: Pull) -> None:
        """Raises UnauthenticatedError once the maker's key has ended."""
        maker = self._store.keys.find(pull.key_id)
        if maker is None or not _may(maker[0], pull.identifier, self._clock()):
            raise UnauthenticatedError(_NO_ADDRESS)

    def answer(self, pull: Pull, puller: Puller, hold: timedelta = LONGEST_HOLD) -> str:
        """The code or link for that run, accepted by answering; "" for none, and where more than one would do.

        Within 30 s a run is told the same again; later it gets newer ones only.
        """
        identifier = self._store.registry.owner(pull.identifier) or pull.identifier
        run_id = puller.run_id or f"pull-{pull.digest[:12]}"
        ask = _ask(pull, identifier, puller.names)
        showing = self._showing(pull, identifier, run_id, puller.address)
        last = self._last(ask, run_id)
        if last and last[1] + REPEATED_FOR > self._clock():
            code = last[0]
            self._store.audit.add(replace(showing, code_id=code.id, message_id=code.message_id)).result()
            return code.value
        after = cursor_at(last[0].received_at) if last else ""
        request = Request(
            ask=ask,
            after=after,
            wait=hold,
            run_id=run_id,
            gone=puller.gone,
            check=lambda: self._check(pull),
            showing=showing,
        )
        return self._claimed(request)

    def _showing(self, pull: Pull, identifier: str, run_id: str, address: str) -> Showing:
        return Showing(
            at=self._clock(),
            action="pull",
            result="shown",
            key_id=pull.key_id,
            identifier=identifier,
            run_id=run_id,
            address=address,
        )

    def _last(self, ask: Ask, run_id: str) -> tuple[Code, datetime] | None:
        """The newest code that this run got as an answer to the same question, and when."""
        asked = replace(ask, policy=self._store.registry.get(ask.identifier))
        given = [(claim.code, at) for claim, at in self._store.pulls.answered(ask.identifier, run_id)]
        return next((one for one in given if _answers(one[0], asked)), None)

    def _claimed(self, request: Request) -> str:
        try:
            claim = self._claims.claim(request).found
        except (AmbiguousCodeError, AmbiguousIssuerError) as error:
            journal.pull_ambiguous(identifier=request.ask.identifier, run_id=request.run_id, error=error)
            return ""
        if claim is None:
            return ""
        accepted = replace(request.showing, at=self._clock(), result="accepted")
        self._claims.end(claim.id, State.ACCEPTED, accepted)
        return claim.code.value


def _ask(pull: Pull, identifier: str, names: tuple[str, ...]) -> Ask:
    return Ask(
        identifier=identifier,
        kinds=pull.kinds,
        senders=pull.senders,
        link_hosts=pull.link_hosts,
        names=names,
        issuer=pull.issuer,
    )


def _answers(code: Code, ask: Ask) -> bool:
    """Whether a code answers the question, whatever became of it."""
    if code.kind == "totp":
        return "totp" in ask.kinds and ask.issuer.casefold() in {"", code.sender.casefold()}
    return obstacle(replace(code, state=State.FRESH), ask, code.received_at) is None


def _may(maker: ApiKey, identifier: str, now: datetime) -> bool:
    return access.lives(maker, now) and access.allows(maker, "claim") and access.may_see(maker, identifier)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
