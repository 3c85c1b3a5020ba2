"""Why there is nothing, from what the gateway saw: the words of CONTRACT, the nearest miss first."""

from collections.abc import Callable
from datetime import UTC, datetime

from core.matching import Ask, obstacle, sender_matches
from core.store import Store

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_NAMED = 5


def explain(store: Store, ask: Ask, after: datetime, now: datetime, may_see: Callable[[str], bool]) -> str:
    """One of CONTRACT's words; where there are particulars, the word, a colon and a sentence.

    The nearest miss is the code that passed most of the checks, and of several the newest.
    """
    misses = [found for code in store.codes.recent(ask.identifier, after) if (found := obstacle(code, ask, now))]
    if misses:
        nearest = max(misses, key=lambda miss: miss.passed)
        return f"{nearest.word}: {nearest.detail}" if nearest.detail else nearest.word
    if store.messages.since(after, identifier=ask.identifier, limit=1):
        return "arrived_without_code"
    if any(obstacle(code, ask, now) is None for code in store.codes.usable(ask.identifier, _EVER, now)):
        return "before_cursor"
    return _elsewhere(store, ask, after, may_see) or "nothing_arrived"


def _elsewhere(store: Store, ask: Ask, after: datetime, may_see: Callable[[str], bool]) -> str:
    """Whether a code of the senders asked for came for another identifier, and for which."""
    others = {code.identifier for code in store.codes.since(after) if sender_matches(code, ask.senders)}
    if not others:
        return ""
    named = sorted(other for other in others if may_see(other))[:_MOST_NAMED]
    return f"other_identifier: {', '.join(named)}" if named else "other_identifier"
