"""Who calls, and whether they may."""

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ParamSpec, TypeVar

from flask import g, request

from core import access
from core.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from core.store import ApiKey, Code, Message, Showing
from gateway.web import sessions
from gateway.web.parts import parts

NOTHING = "there is no such thing, or not for this API key"
"""What a caller is told of what is not there, and of what it may not know."""
P = ParamSpec("P")
R = TypeVar("R")


def needs(
    *scopes: access.Scope, console: bool = False, whole: bool = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view run only for a key that has one of the scopes; else UnauthenticatedError or ForbiddenError.

    With `console` somebody signed in to the console may call it too: for what changes nothing. With `whole` the
    key must not be narrowed to identifiers: for what concerns all of them.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            visits = console and not _sent_key() and sessions.COOKIE in request.cookies
            g.key = sessions.enter().key if visits else _known_key()
            require(*scopes)
            if whole:
                require_whole()
            return view(*args, **kwargs)

        vars(guarded)["scopes"] = scopes  # what OpenAPI says of the route
        return guarded

    return decorate


def _known_key() -> ApiKey:
    """The key of the present request; raises UnauthenticatedError, TooManyWrongKeysError."""
    sent = _sent_key()
    try:
        return access.verify(sent, parts().store.keys.find, parts().clock())
    except UnauthenticatedError:
        if sent:
            parts().wrong_keys.note(request.remote_addr or "")
        raise


def require(*scopes: access.Scope) -> None:
    """Raises ForbiddenError unless the caller has one of the scopes."""
    if not may(*scopes):
        raise ForbiddenError("this API key may not do that: ask for one with the right scope")


def require_whole() -> None:
    """Raises ForbiddenError where the caller's key is narrowed: it could make itself a wider one."""
    if caller().only:
        raise ForbiddenError("this API key is for some identifiers only, and this concerns all of them")


def caller() -> ApiKey:
    """The key of the present request."""
    key = g.key
    if not isinstance(key, ApiKey):
        raise UnauthenticatedError(access.SEND_A_KEY)
    return key


def still_good() -> bool:
    """Whether the caller's key, or console session, is good at this moment: a held request may outlive it."""
    if "signed_in" in g:
        return sessions.current() is not None
    return access.still_lives(caller(), parts().store.keys.find, parts().clock())


def check_still_good() -> None:
    """Raises UnauthenticatedError when the caller's key has ended meanwhile."""
    if not still_good():
        raise UnauthenticatedError(access.SEND_A_KEY)


def may(*scopes: access.Scope) -> bool:
    """Whether the caller has one of the scopes."""
    return access.allows(caller(), *scopes)


def may_see(identifier: str) -> bool:
    """Whether the caller's key is for that identifier."""
    return access.may_see(caller(), identifier)


def check_identifier(identifier: str) -> str:
    """The identifier that it is or is an alias of, if the caller's key is for that one.

    Raises NotFoundError alike for one that this key is not for, and for one that the gateway does not take.
    """
    owner = parts().store.registry.owner(identifier)
    if owner is None and not parts().settings.identifiers.accept_unknown:
        g.asked_for = identifier
        raise NotFoundError(NOTHING)
    return check_visible(owner or identifier)


def check_visible(identifier: str) -> str:
    """The identifier, registered or not, if the caller's key is for it; raises NotFoundError."""
    if not may_see(identifier):
        g.asked_for = identifier
        raise NotFoundError(NOTHING)
    return identifier


def note_shown(action: str, shown: Iterable[Code | Message]) -> None:
    """Write an audit row for each code or message whose value the answer shows, before it is shown."""
    rows = [
        replace(
            showing(action),
            identifier=one.identifier,
            code_id=one.id if isinstance(one, Code) else "",
            message_id=one.message_id if isinstance(one, Code) else one.id,
        )
        for one in shown
    ]
    if rows:
        parts().store.audit.add(*rows).result()


def showing(action: str, result: str = "shown", *, run_id: str = "") -> Showing:
    """The audit row of a value shown to the caller; the code's particulars are filled in where it is found."""
    return Showing(
        at=parts().clock(),
        action=action,
        result=result,
        key_id=caller().id,
        run_id=run_id,
        address=request.remote_addr or "",
    )


def _sent_key() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get("x-api-key") or (token if scheme.lower() == "bearer" else "")
