"""A message's page: what was found in it and why, or why nothing was."""

from werkzeug.wrappers import Response as AnyResponse

from core.errors import NotFoundError
from gateway.web import auth
from gateway.web.console.explained import explained, steps
from gateway.web.console.frame import pages, show, viewing
from gateway.web.parts import parts

messages = pages("messages")


@messages.get("/messages/<message_id>")
@viewing("read", "messages")
def page(message_id: str) -> AnyResponse:
    """One message; values for a key with scope `claim`, its text and headers with scope `messages`."""
    store = parts().store
    message = store.messages.get(message_id)
    if message is None or not auth.may_see(message.identifier):
        raise NotFoundError(auth.NOTHING)
    if auth.may("claim", "messages"):
        auth.note_shown("messages", [message])
    codes = store.codes.of_message(message.id)
    names = {key.id: key.name for key in store.keys.all()} if auth.may("admin") else {}
    now = parts().clock()
    return show(
        "message.html",
        told=explained(message),
        codes=codes,
        steps=steps(message, codes, store.audit.of_message(message.id), names, now),
        now=now,
    )
