"""The demonstration itself, and what of it a person sees."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from core.errors import OtpgateError
from gateway.cli.api import Gateway
from gateway.cli.demo.child import DemoError, PrivateGateway, private_gateway
from gateway.cli.demo.senders import MAILBOX, NUMBER, new_code, send_mail, send_sms
from gateway.cli.terminal import clock, say

_HOLD = 20.0
_SETTLED = 0.3
"""Seconds in which a claim surely reaches the gateway and begins to wait."""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What a waiting claim brought, and when (`time.perf_counter`)."""

    value: str = field(repr=False)
    at: float


def demo() -> None:
    """Show the whole thing in one go: a real mail and a really signed SMS in, both codes out, with times.

    Starts a private gateway on free ports in a temporary folder, and leaves nothing behind. No account, no
    configuration and no network are needed.
    """
    try:
        _show()
    except (OtpgateError, OSError) as error:
        say(f"the demo failed: {error}")
        raise typer.Exit(1) from error


def _show() -> None:
    console = Console(highlight=False, soft_wrap=True)
    with ThreadPoolExecutor() as runs, ExitStack() as stack:  # the gateway ends first, and so what waits for it
        started = time.perf_counter()
        with clock("starting a private gateway"):
            gateway = stack.enter_context(private_gateway())
        took = _milliseconds(time.perf_counter() - started)
        _tell(
            console, f"a private gateway listens: SMTP on {gateway.smtp[0]}:{gateway.smtp[1]}, {gateway.url}", took
        )
        mail, sms = (runs.submit(_claim, gateway, identifier) for identifier in (MAILBOX, NUMBER))
        time.sleep(_SETTLED)
        _tell(console, f"two programs wait: one for a code for {MAILBOX}, one for {NUMBER}")
        _play(console, "a mail, forwarded as Gmail's filter does it, goes in over SMTP", send_mail, gateway, mail)
        _play(console, "an SMS, signed as Twilio signs it, goes in by POST /hooks/sms", send_sms, gateway, sms)
    _tell(console, "all of it is gone again; `otpgate serve` starts one that stays")


def _play(
    console: Console,
    what: str,
    send: Callable[[PrivateGateway, str], float],
    gateway: PrivateGateway,
    claim: Future[Claimed],
) -> None:
    """Send a new code, and check that the run that waits for it has it."""
    code = new_code()
    sent = send(gateway, code)
    _tell(console, what)
    claimed = claim.result()
    if claimed.value != code:
        raise DemoError("the claim brought another code than the one sent")
    _tell(console, f"  {code} is claimed and accepted", _milliseconds(claimed.at - sent) + " from send to claim")


def _claim(gateway: PrivateGateway, identifier: str) -> Claimed:
    body = {"identifier": identifier, "wait": _HOLD, "run_id": f"demo-{identifier}"}
    with Gateway(gateway.url, gateway.key, Path()) as api:
        answer = api.call("POST", "/v1/claims", body, hold=_HOLD)
        at = time.perf_counter()
        claim = answer["claim"]
        if not claim:
            raise DemoError(f"no code came out for {identifier}: {answer['diagnosis']}")
        api.call("POST", f"/v1/claims/{claim['claim_id']}/accept")
    return Claimed(value=claim["value"], at=at)


def _tell(console: Console, text: str, time_taken: str = "") -> None:
    mark = ("✓ ", "green") if console.is_terminal else ""
    console.print(Text.assemble(mark, text, (f"  {time_taken}" if time_taken else "", "bold cyan")))


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
