"""What client and gateway say to each other, without a socket: generators that yield calls and get replies.

`OtpGate` and `AsyncOtpGate` carry the same conversations, one by blocking and one by awaiting.

Every call may be repeated without harm: a run that asks again gets the same code, and a claim that was
accepted may be accepted again. So a lost answer is simply asked for once more.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, TypeVar

from otpgate_client.claim import Claim
from otpgate_client.errors import AmbiguousCode, NothingArrived, NotYourTurn, RefusedError, UnreachableError
from otpgate_client.wanted import Wanted

LONGEST_HOLD = 55.0
"""Seconds: just under the minute after which common proxies cut a silent request."""
PATIENCE = 10.0
"""Seconds that an answer may take beyond the time it is held, and that a lost one is asked for again."""
_PAUSE = 0.25
_LATER = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request to make."""

    path: str
    body: Mapping[str, Any] = field(repr=False)
    timeout: float


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A time in seconds to let pass."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back; status 0 when nothing did."""

    status: int = 0
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


T = TypeVar("T")
Conversation = Generator[Call | Pause, Reply, T]


def take_cursor(wanted: Wanted) -> Conversation[str]:
    """A cursor for now; when the login is exclusive, one for the moment its turn begins. Raises NotYourTurn."""
    if not wanted.exclusive:
        return str((yield from _ask("/v1/cursors", {}))["cursor"])
    deadline = monotonic() + wanted.turn_timeout
    while True:
        hold, started = _hold(deadline), monotonic()
        try:
            return str((yield from _ask("/v1/cursors", wanted.turn_body(hold), hold))["cursor"])
        except RefusedError as refused:
            if refused.type != "held-by-another-run":
                raise
            if monotonic() >= deadline:
                raise NotYourTurn(refused.status, refused.type, str(refused)) from None
        yield from _rest(started + hold)


def claim(wanted: Wanted, after: str, timeout: float) -> Conversation[Claim]:
    """One code, claimed; raises NothingArrived after `timeout` seconds, AmbiguousCode.

    Every request names the same run and the same cursor, which is what makes asking again harmless.
    """
    deadline = monotonic() + timeout
    while True:
        hold, started = _hold(deadline), monotonic()
        answer = yield from _ask("/v1/claims", wanted.claim_body(after, hold), hold)
        if answer.get("claim"):
            return Claim.read(answer["claim"])
        if monotonic() >= deadline:
            raise NothingArrived(wanted.identifier, str(answer.get("diagnosis") or ""), timeout)
        yield from _rest(started + hold)


def end(claim_id: str, outcome: str) -> Conversation[None]:
    """Accept, reject or release a claim; raises RefusedError when another run holds the code by now."""
    yield from _ask(f"/v1/claims/{claim_id}/{outcome}", {})


def _hold(deadline: float) -> float:
    return min(max(deadline - monotonic(), 0.0), LONGEST_HOLD)


def _rest(due: float) -> Conversation[None]:
    """A pause, where an answer came before it was due: the gateway held nothing, since it is stopping."""
    if monotonic() < due:
        yield Pause(seconds=_PAUSE)


def _ask(path: str, body: Mapping[str, Any], hold: float = 0.0) -> Conversation[Mapping[str, Any]]:
    """The gateway's answer; asks again while nothing comes back or it says to come later."""
    deadline = monotonic() + hold + PATIENCE
    while True:
        reply = yield Call(path=path, body=body, timeout=hold + PATIENCE)
        if reply.status and reply.status not in _LATER:
            return _opened(reply)
        if monotonic() + _PAUSE >= deadline:
            raise _unreachable(reply)
        yield Pause(seconds=_PAUSE)
        hold = min(hold, max(deadline - PATIENCE - monotonic(), 0.0))
        if "wait" in body:
            body = {**body, "wait": hold}


def _unreachable(reply: Reply) -> UnreachableError:
    if not reply.status:
        return UnreachableError("no gateway answers: is it running, and is the address right?")
    return UnreachableError(f"the gateway asks to come back later ({reply.status})")


def _opened(reply: Reply) -> Mapping[str, Any]:
    """The body of a good answer; raises what any other means."""
    if reply.status < HTTPStatus.MULTIPLE_CHOICES and reply.body:
        return reply.body
    if "type" not in reply.body:
        raise UnreachableError(f"what answers is no otpgate ({reply.status}): is the address right?")
    type_ = str(reply.body["type"]).rpartition(":")[2]
    detail = str(reply.body.get("detail", ""))
    if type_ == "ambiguous-code":
        raise AmbiguousCode(reply.status, type_, detail, reply.body.get("senders", ()))
    raise RefusedError(reply.status, type_, detail)
