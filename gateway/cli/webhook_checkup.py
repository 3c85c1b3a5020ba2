"""Whether what goes out by webhook arrives."""

from collections.abc import Callable, Iterator

from core.errors import OtpgateError
from gateway.cli.api import Gateway
from gateway.cli.checkups import Finding, State


def webhooks(gateway: Callable[[], Gateway]) -> Iterator[Finding]:
    """A line for each webhook: bad when its receiver is gone, worth a look when it missed something."""
    try:
        with gateway() as api:
            found = api.call("GET", "/v1/webhooks")["webhooks"]
    except OtpgateError as error:
        yield Finding(what="webhooks", state=State.BAD, text=str(error))
        return
    for one in found:
        text = f"{one['delivered']} delivered, {one['waiting']} waiting, {one['failed']} given up"
        state = State.LOOK if one["failed"] or one["waiting"] else State.GOOD
        if one["disabled_at"]:
            text, state = f"its receiver said that it is gone: `otpgate webhooks resume {one['id']}`", State.BAD
        elif one["failed"]:
            text += ": see `otpgate webhooks failed`"
        yield Finding(what=one["id"], state=state, text=text)
