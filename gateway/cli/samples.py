"""What `otpgate parse` is given: files, folders, or lines on standard input; each a message to read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.message import Channel, Envelope, InboundMessage


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One message as given, or why it is none."""

    id: Any = None
    """What the caller calls it, echoed: any JSON value of a line, the path of a file."""
    file: str | None = None
    message: InboundMessage | None = field(default=None, repr=False)
    error: str = ""


def of_files(path: Path, rcpt: str) -> Iterator[Sample]:
    """A sample of a file, or for each .eml in a folder and below, in the order of their names."""
    files = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".eml") if path.is_dir() else [path]
    for file in files:
        yield _mail(Sample(id=str(file), file=str(file)), rcpt=rcpt, mail_from="")


def of_lines(lines: Iterable[bytes], rcpt: str) -> Iterator[Sample]:
    """A sample for each line that is not blank: an SMS with `text`, or a mail with `file`.

    `{"id","from","to","text"}` or `{"id","file","rcpt","mail_from"}`, the file relative to the current folder.
    """
    for line in lines:
        if line.strip():
            yield _of_line(line, rcpt)


def _of_line(line: bytes, rcpt: str) -> Sample:
    try:
        given = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Sample(error="the line is no JSON")
    if not isinstance(given, dict):
        return Sample(error="the line is no JSON object")
    sample = Sample(id=given.get("id"))
    try:
        if "file" in given:
            file = _text(given, "file")
            envelope = {"rcpt": _text(given, "rcpt") or rcpt, "mail_from": _text(given, "mail_from")}
            return _mail(replace(sample, file=file), **envelope)
        if "text" in given:
            return _sms(sample, _text(given, "from"), _text(given, "to"), _text(given, "text"))
    except ValueError as error:
        return replace(sample, error=str(error))
    return replace(sample, error="the line has neither `text` (an SMS) nor `file` (a mail)")


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"`{key}` is no text")
    return value or ""


def _mail(sample: Sample, *, rcpt: str, mail_from: str) -> Sample:
    try:
        raw = Path(sample.file or "").read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a path without NUL is needed"
        return replace(sample, error=f"the file cannot be read: {reason}")
    envelope = Envelope(mail_from=mail_from, rcpt_to=(rcpt,) if rcpt else ())
    return replace(sample, message=_message(Channel.EMAIL, envelope=envelope, raw=raw))


def _sms(sample: Sample, sender: str, recipient: str, text: str) -> Sample:
    return replace(sample, message=_message(Channel.SMS, sender=sender, recipient=recipient, text=text))


def _message(channel: Channel, **fields: Any) -> InboundMessage:
    return InboundMessage(channel=channel, door="parse", received_at=datetime.now(UTC), trace_id="parse", **fields)
