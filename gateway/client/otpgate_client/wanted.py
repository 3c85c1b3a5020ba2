"""What a login waits for."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

Kind = Literal["code", "link", "totp", "any"]


class Options(TypedDict, total=False):
    """Options of a login, each with the gateway's default when it is left out."""

    kind: Kind | Sequence[Kind]
    """What to wait for; code and link unless said otherwise."""
    sender: str | Sequence[str]
    """Domains, numbers, short codes or names that the code may come from."""
    link_host: str | Sequence[str]
    """Hosts that a link may lead to."""
    min_trust: Literal["none", "route", "author"]
    issuer: str
    """Which of several TOTP secrets of the identifier."""
    run_id: str
    """Name of this run, a new one for each login unless given: asking again gets the same code."""
    after: str
    """A cursor to look back to; entering the login takes one for now unless given."""
    lease: float
    """Seconds (1 to 600) to hold the code; until it expires unless given."""
    exclusive: bool
    """Wait for a turn first: no other run has one with this identifier and sender until this login ends."""
    turn_timeout: float
    """Seconds to wait for that turn; 300 unless given."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One login's identifier and options, in the shape of the gateway's JSON."""

    identifier: str
    run_id: str
    fields: dict[str, Any]
    """What `POST /v1/claims` is asked besides."""
    exclusive: bool
    turn_timeout: float

    def claim_body(self, after: str, hold: float) -> dict[str, Any]:
        """The body that asks for a code; held for so many seconds."""
        given = {"identifier": self.identifier, "run_id": self.run_id, "after": after, "wait": hold}
        return given | self.fields

    def turn_body(self, hold: float) -> dict[str, Any]:
        """The body that asks for a turn."""
        given = {"identifier": self.identifier, "run_id": self.run_id, "exclusive": True, "wait": hold}
        return given | {"sender": self.fields["sender"]}


def wanted(identifier: str, options: Options) -> Wanted:
    """The login that these options describe, with a run id of its own unless they name one."""
    fields: dict[str, Any] = {
        "kinds": _several(options.get("kind", ())),
        "sender": _several(options.get("sender", ())),
        "link_host": _several(options.get("link_host", ())),
    }
    fields |= {name: value for name in ("min_trust", "issuer", "lease") if (value := options.get(name))}
    return Wanted(
        identifier=identifier,
        run_id=options.get("run_id") or f"run-{secrets.token_hex(8)}",
        fields=fields,
        exclusive=options.get("exclusive", False),
        turn_timeout=options.get("turn_timeout", 300.0),
    )


def _several(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
