"""An open store with a clock that tests set, and codes put there without reading messages."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.secrets import Key
from core.store import Code, Message, Store, open_store
from core.waiting import Bell

KEY = Key(material=b"0123456789abcdef0123456789abcdef")


def open_shelf(url: str, clock: "Clock") -> "Shelf":
    """An open store of a migrated database."""
    bell = Bell()
    return Shelf(store=open_store(url, bell.ring, [KEY]), bell=bell, clock=clock)


class Clock:
    """A clock that stands still but for a microsecond a look, until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The present moment."""
        self.now += timedelta(microseconds=1)
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """An open store with its bell and a clock, and a way to put codes there without reading messages."""

    store: Store
    bell: Bell
    clock: Clock

    def arrive(self, identifier: str, value: str = "482913", lasts: float = 600, **fields: Any) -> Code:
        """Stores a message that holds a code."""
        message, code = self.of(identifier, value, lasts, **fields)
        assert self.store.messages.add([(message, (code,), message.id)]).result() == (True,)
        return code

    def of(
        self, identifier: str, value: str = "482913", lasts: float = 600, **fields: Any
    ) -> tuple[Message, Code]:
        """A message and its code, not stored."""
        now, number = self.clock(), uuid.uuid4().hex[:16]
        message = Message(
            id=f"msg_{number}",
            trace_id=number,
            door="push",
            channel=fields.get("channel", "email"),
            identifier=identifier,
            identity_source="pushed",
            kind="code",
            received_at=now,
        )
        given = {"kind": "code", "channel": "email", "sender": "a@acme.example", "sender_domain": "acme.example"}
        expires = now + timedelta(seconds=lasts)
        code = Code(
            id=f"code_{number}",
            message_id=message.id,
            identifier=identifier,
            value=value,
            received_at=now,
            expires_at=expires,
            **{**given, **fields},
        )
        return message, code
