"""What `otpgate doctor` says about webhooks whose sender must not fall silent."""

from collections.abc import Iterator
from datetime import UTC, datetime

from core.errors import OtpgateError
from core.settings import Settings
from core.store import heartbeats_in
from gateway.cli.checkups import Finding, State
from gateway.data_folder import database_url
from gateway.heartbeats import silence


def heartbeats(settings: Settings) -> Iterator[Finding]:
    """When each of them was last heard, at any node; bad when that is longer ago than `silent_after`."""
    limits = {name: hook.silent_after for name, hook in settings.hooks.items() if hook.silent_after}
    if not limits:
        return
    try:
        known = heartbeats_in(database_url(settings))
    except OtpgateError as error:
        yield Finding(what="heartbeats", state=State.BAD, text=str(error))
        return
    now = datetime.now(UTC)
    for name, limit in limits.items():
        what = f"heartbeat hooks.{name}"
        if name not in known:
            yield Finding(what=what, state=State.LOOK, text="not watched yet: serve with this hook")
        elif now - known[name].heard_at > limit:
            yield Finding(what=what, state=State.BAD, text=silence(known[name].heard_at, limit))
        else:
            seconds = (now - known[name].heard_at).total_seconds()
            yield Finding(what=what, state=State.GOOD, text=f"heard {seconds:.0f} s ago")
