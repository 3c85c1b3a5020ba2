"""A request that is held open: counted while it waits, and watched for its client's leaving."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from flask import request

from gateway.web import auth
from gateway.web.parts import parts


def waiting(seconds: float) -> AbstractContextManager[None]:
    """Counts the present request as held while the block runs, if it may wait; raises BusyError."""
    return parts().held.one(auth.caller().id) if seconds else nullcontext()


def lasting(seconds: float) -> Callable[[], None]:
    """What raises UnauthenticatedError once the caller's key has ended, for a request that may wait."""
    return auth.check_still_good if seconds else lambda: None


def leaving() -> Callable[[], bool]:
    """Says whether the client of the present request has left (waitress, "client_disconnected")."""
    disconnected = request.environ.get("waitress.client_disconnected")
    return lambda: bool(disconnected and disconnected())
