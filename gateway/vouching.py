"""Joins what vouches for a message: the door it came by, and for mail the checks of `core.trust`."""

from collections.abc import Callable
from datetime import datetime

from core.ingest import Vouch
from core.message import Channel, InboundMessage
from core.reading import Reading
from core.recipients import Recipient
from core.settings import Settings
from core.trust import Vouched


def vouching(settings: Settings, clock: Callable[[], datetime]) -> Vouch:
    """The function that ingest asks for route, author and evidence."""
    del settings, clock

    def vouch(message: InboundMessage, reading: Reading, recipient: Recipient) -> Vouched:
        del reading
        if message.channel is not Channel.EMAIL:
            return Vouched(route=message.route, evidence=f"came by {message.door}")
        if recipient.source == "rcpt-token":
            return Vouched(route="secret-address", evidence="sent to the address that was issued for it")
        if message.envelope.login:
            return Vouched(route="key", evidence="the sender logged in")
        return Vouched(route="open", evidence="anybody could have sent it")

    return vouch
