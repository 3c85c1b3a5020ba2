"""Sender and text that a forwarder wrote as fields of JSON, such as `{"sender": …, "sms": {"body": …}}`."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.extract.folding import plain
from core.extract.words import lexicon

_LARGEST = 64 * 1024
"""Characters that are read as JSON."""
_FEWEST = 2
"""Texts that an object has of which none is named as the message."""
_SENDER = ("from", "sender", "originator", "address", "number", "phone")
_TEXT = ("body", "message", "text", "content", "sms", "msg")
_OTHER = frozenset({
    "to", "receiver", "recipient", "destination", "id", "uuid", "key", "thread", "time", "date", "timestamp", "at",
    "type", "status", "count", "length", "sim", "slot", "device", "encoding", "center", "centre",
})  # fmt: skip
"""What makes a name such as `message_id` or `to_number` mean something else."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
"""Of `smsText` as of `sms_text`."""
_FIELD = re.compile(r"[\"']?(\w{2,24})[\"']?\s{0,9}:\s{0,9}\"((?:[^\"\\]|\\.)*+)\"")


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A message that was passed on; `sender` is "" where none is named."""

    sender: str
    text: str


def passed_on(text: str) -> Passed | None:
    """The message in a forwarder's object; None where the text is none, or holds no message."""
    written = text.strip()
    if not written.endswith("}") or len(written) > _LARGEST:
        return None
    fields = _parsed(written) or [(name, _unescaped(value)) for name, value in _FIELD.findall(written)]
    texts = _named(fields, _TEXT) or ([value for _, value in fields] if len(fields) >= _FEWEST else [])
    senders = _named(fields, _SENDER) or [who for name, who in fields if "from" in lexicon().classes(plain(name))]
    return Passed(sender=next(iter(senders), ""), text=max(texts, key=len)) if any(texts) else None


def _parsed(text: str) -> list[tuple[str, str]]:
    """Name and value of each text and number in an object and in those in it; line breaks may stand unescaped."""
    try:
        tree = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return []
    return list(_flat(tree)) if isinstance(tree, dict) else []


def _flat(tree: dict[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        inner = value.items() if isinstance(value, dict) else [(name, value)]
        yield from ((key, str(one)) for key, one in inner if one and isinstance(one, str | int))


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _named(fields: list[tuple[str, str]], meanings: tuple[str, ...]) -> list[str]:
    """The values whose names say one of these, in the order of the meanings."""
    said = [({word.lower() for word in _WORD.findall(name)}, value) for name, value in fields]
    return [value for meaning in meanings for words, value in said if meaning in words and not words & _OTHER]
