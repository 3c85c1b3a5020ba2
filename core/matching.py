"""Which codes answer a question, in which order, and why the others do not. Pure: codes in, codes out."""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import AmbiguousCodeError, InvalidIdentifierError
from core.hosts import host_matches
from core.identifiers import normalize, organizational_domain
from core.store import Code, Identifier, State, Trust

_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*")


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a program wants: everything that a code must be to answer it."""

    identifier: str
    kinds: tuple[str, ...] = ("code", "link")
    senders: tuple[str, ...] = ()
    link_hosts: tuple[str, ...] = ()
    min_trust: Trust = Trust.NONE
    names: tuple[str, ...] = ()
    """The run, workflow and task ids that the asker goes by."""
    policy: Identifier | None = None
    issuer: str = ""
    """Whose TOTP code is wanted, where secrets of several issuers are stored."""


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a code does not answer: CONTRACT's word for the diagnosis, and the particulars for a person."""

    word: str
    detail: str = ""
    passed: int = 0
    """How many checks it passed before: the more, the nearer the miss."""


def choose(codes: Sequence[Code], ask: Ask, now: datetime) -> list[Code]:
    """The codes that answer, best first: of each channel the higher trust, then the newer.

    Raises AmbiguousCodeError when the best of one channel come from different senders and none was named.
    """
    answering = [code for code in codes if obstacle(code, ask, now) is None]
    best = {
        channel: max(code.trust.rank for code in answering if code.channel == channel)
        for channel in {code.channel for code in answering}
    }
    first = [code for code in answering if code.trust.rank == best[code.channel]]
    if not ask.senders:
        _refuse_ambiguous(first)
    newest = sorted(answering, key=lambda code: (code.received_at, not code.alternate), reverse=True)
    return sorted(newest, key=lambda code: code.trust.rank != best[code.channel])


def obstacle(code: Code, ask: Ask, now: datetime) -> Obstacle | None:
    """The first reason why a code does not answer; None when it does."""
    checks: tuple[Callable[[], Obstacle | None], ...] = (
        lambda: _kind(code, ask),
        lambda: _sender(code, ask),
        lambda: _host(code, ask),
        lambda: _trust(code, ask),
        lambda: _bound_run(code, ask),
        lambda: _state(code, ask, now),
    )
    for passed, check in enumerate(checks):
        found = check()
        if found:
            return replace(found, passed=passed)
    return None


def _kind(code: Code, ask: Ask) -> Obstacle | None:
    wanted = code.kind in ask.kinds and not (code.alternate and "code" in ask.kinds)
    return None if wanted else Obstacle(word="arrived_without_code")


def _sender(code: Code, ask: Ask) -> Obstacle | None:
    policy = ask.policy.senders if ask.policy else ()
    if sender_matches(code, ask.senders) and sender_matches(code, policy):
        return None
    if not (code.sender_domain or code.sender):
        return Obstacle(word="filtered", detail="by sender: of one it cannot be told who sent it")
    seen = _quoted(code.sender_domain or code.sender)
    if not sender_matches(code, ask.senders):
        return Obstacle(
            word="filtered", detail=f"by sender: one came from {seen}; to allow it, ask with --sender {seen}"
        )
    return Obstacle(word="filtered", detail=f"by sender: one came from {seen}; {_allow(ask, '--sender', seen)}")


def _host(code: Code, ask: Ask) -> Obstacle | None:
    if code.kind != "link" or _host_expected(code, ask):
        return None
    if not code.link_host:
        return Obstacle(
            word="filtered", detail="by link host: a link leads to a host that cannot be told for certain"
        )
    host = _quoted(code.link_host)
    how = f"to allow it, ask with --link-host {host}" if ask.link_hosts else _allow(ask, "--link-host", host)
    return Obstacle(word="filtered", detail=f"by link host: a link leads to {host}; {how}")


def _trust(code: Code, ask: Ask) -> Obstacle | None:
    policy = Trust(ask.policy.min_trust) if ask.policy and ask.policy.min_trust else Trust.NONE
    needed = max(ask.min_trust, policy, key=lambda trust: trust.rank)
    if code.trust.rank < needed.rank:
        detail = f"by trust: one has trust {code.trust}, but {needed} is asked for; "
        if policy.rank > code.trust.rank:
            lower = f"otpgate identifiers add {_quoted(ask.identifier)} --min-trust {code.trust}"
            return Obstacle(word="filtered", detail=f"{detail}allow it with: {lower}")
        lower = f"to allow it, ask with min_trust {code.trust}, and set trust.minimum no higher"
        return Obstacle(word="filtered", detail=detail + lower)
    if code.contradicts and not code.author and not ask.senders:
        seen = _quoted(code.sender_domain or code.sender)
        return Obstacle(
            word="filtered",
            detail=f"by trust: its plain part and its HTML differ; to allow it, ask with --sender {seen}",
        )
    return None


def _bound_run(code: Code, ask: Ask) -> Obstacle | None:
    bound = {code.run_id, code.workflow_id, code.task_id} - {""}
    if not bound or bound & set(ask.names):
        return None
    return Obstacle(word="claimed_by_another_run", detail="one was pushed for another run")


def _state(code: Code, ask: Ask, now: datetime) -> Obstacle | None:
    state = code.state_at(now)
    if state is State.FRESH:
        return None
    if state is State.EXPIRED:
        return Obstacle(word="expired")
    if code.holder in ask.names:
        return Obstacle(word="before_cursor", detail=f"this run has {state.value} the last one already")
    return Obstacle(
        word="claimed_by_another_run", detail="" if state is State.CLAIMED else f"it was {state.value}"
    )


def _allow(ask: Ask, option: str, value: str) -> str:
    return f"allow it with: otpgate identifiers allow {_quoted(ask.identifier)} {option} {value}"


def _quoted(text: str) -> str:
    """What a stranger wrote, safe to show on a terminal and to paste into a shell."""
    return shlex.quote("".join(c if c.isprintable() else "?" for c in text[:100]))


def _host_expected(code: Code, ask: Ask) -> bool:
    if ask.link_hosts:
        return host_matches(code.link_host, ask.link_hosts)
    return code.host_expected or host_matches(code.link_host, ask.policy.link_hosts if ask.policy else ())


def sender_matches(code: Code, senders: Sequence[str]) -> bool:
    """Whether a code's sender is among `senders`; each value filters its own channel only.

    Domains and addresses filter mail, numbers and names filter SMS; an SMS bound to a host (`@host #code`)
    matches that host.
    """
    domains = [value for value in senders if _is_domain(value)]
    others = [value for value in senders if not _is_domain(value)]
    if code.channel == "email" or (code.channel == "push" and _is_domain(code.sender)):
        return not domains or _mail_matches(code, domains)
    if domains and code.bound_host:
        return host_matches(code.bound_host, [_domain_of(value) for value in domains])
    if not others or (code.channel == "push" and not code.sender):
        return True
    return _number_or_name(code.sender) in {_number_or_name(value) for value in others}


def _is_domain(value: str) -> bool:
    return "@" in value or ("." in value.strip(".") and not _NUMBER.fullmatch(value.strip()))


def _domain_of(value: str) -> str:
    return value.rpartition("@")[2]


def _mail_matches(code: Code, domains: Sequence[str]) -> bool:
    address = code.sender.casefold()
    return any(
        address == value.casefold()
        if "@" in value.lstrip("@")
        else host_matches(_domain(code), [_domain_of(value)])
        for value in domains
    )


def _number_or_name(sender: str) -> str:
    try:
        return normalize(sender)
    except InvalidIdentifierError:
        return sender.strip().casefold()


def _refuse_ambiguous(first: Sequence[Code]) -> None:
    for channel in {code.channel for code in first}:
        senders = [_sender_key(code) for code in first if code.channel == channel]
        different = {sender.casefold(): sender for sender in senders if sender}
        if len(different) > 1:
            raise AmbiguousCodeError(sorted(different.values()))


def _sender_key(code: Code) -> str:
    """What tells two senders apart: the organisational domain, or an SMS's alphanumeric name; "" for a number."""
    if domain := _domain(code):
        return organizational_domain(domain)
    return "" if _NUMBER.fullmatch(code.sender.strip()) else code.sender.strip()


def _domain(code: Code) -> str:
    """The domain that wrote it; a push may name a bare one as its sender."""
    if code.sender_domain or code.channel != "push":
        return code.sender_domain
    return _domain_of(code.sender) if _is_domain(code.sender) else ""
