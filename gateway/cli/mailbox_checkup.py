"""What `otpgate doctor` says of each mailbox that is pulled."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from core.errors import OtpgateError
from core.settings import Settings
from gateway.cli.api import Gateway
from gateway.cli.checkups import Finding, State

_MINUTE = timedelta(minutes=1)


def mailboxes(settings: Settings, gateway: Callable[[], Gateway]) -> Iterator[Finding]:
    """Whether each mail server was heard of lately, and when something last came."""
    try:
        with gateway() as api:
            found = api.call("GET", "/v1/mailboxes")["mailboxes"]
    except OtpgateError as error:
        yield Finding(what="mailboxes", state=State.BAD, text=str(error))
        return
    own = settings.mailboxes
    silent = timedelta(seconds=3 * max(own.renew_seconds, own.poll_seconds)) + _MINUTE
    for one in found:
        yield _judged(one, datetime.now(UTC) - datetime.fromisoformat(one["contact_at"]), silent)


def _judged(one: dict[str, Any], ago: timedelta, silent: timedelta) -> Finding:
    what = f"mailbox {one['address']}" + ("" if one["folder"] == "INBOX" else f" {one['folder']}")
    heard = f"last contact {one['contact_at']}, last mail {one['arrived_at'] or 'none yet'}"
    if one["state"] == "shut out":
        remedy = f"`otpgate mailbox check {one['address']}` says what to do"
        return Finding(what=what, state=State.BAD, text=f"{one['host']}: {one['reason']}; {heard}; {remedy}")
    if ago > silent:
        why = f" ({one['reason']})" if one["reason"] else ""
        return Finding(what=what, state=State.BAD, text=f"{one['host']} is silent{why}: {heard}")
    if one["state"] not in {"watching", "polling"}:
        why = f"{one['state']}: {one['reason']}" if one["reason"] else "not watched yet"
        return Finding(what=what, state=State.LOOK, text=f"{one['host']}: {why}; {heard}")
    return Finding(what=what, state=State.GOOD, text=f"{one['state']} {one['host']}: {heard}")
