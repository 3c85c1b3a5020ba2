"""Why there is nothing, from what the gateway saw: the words of CONTRACT, the nearest miss first."""

from collections.abc import Callable
from datetime import datetime

from core.matching import Ask, obstacle
from core.store import Store

_NEAREST_FIRST = ("claimed_by_another_run", "filtered", "expired", "arrived_without_code")


def explain(store: Store, ask: Ask, after: datetime, now: datetime, may_see: Callable[[str], bool]) -> str:
    """One of CONTRACT's words; where there are particulars, the word, a colon and a sentence."""
    seen = [
        found for code in store.codes.recent(ask.identifier, after) if (found := obstacle(code, ask, now))
    ]
    for word in _NEAREST_FIRST:
        for found in seen:
            if found.word == word:
                return f"{word}: {found.detail}" if found.detail else word
    if store.messages.since(after, identifier=ask.identifier, limit=1):
        return "arrived_without_code"
    if store.codes.newest_before(ask.identifier, after):
        return "before_cursor"
    others = {message.identifier for message in store.messages.since(after) if message.kind != "none"}
    if others:
        named = sorted(other for other in others if may_see(other))[:5]
        return f"other_identifier: {', '.join(named)}" if named else "other_identifier"
    return "nothing_arrived"
