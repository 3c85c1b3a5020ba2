"""Corpus cases as messages with what should be found in them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.message import Channel, Envelope, InboundMessage
from core.reading import Reading, read

_ARRIVED = datetime(2026, 11, 23, 12, tzinfo=UTC)
_THRESHOLD = 0.5
_ANCHOR = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One message of a corpus; `kind` is `code`, `link` or `none`, `value` what the user would type or open."""

    name: str
    lang: str
    kind: str
    value: str | None = field(repr=False)
    tags: tuple[str, ...]
    message: InboundMessage = field(repr=False)

    def read(self) -> Reading:
        """What otpgate makes of it."""
        return read(self.message, threshold=_THRESHOLD)


def sms(text: str, sender: str = "") -> InboundMessage:
    """A text message, arrived now."""
    return InboundMessage(
        channel=Channel.SMS, door="push", received_at=_ARRIVED, trace_id="accuracy", sender=sender, text=text
    )


def mail(raw: bytes, rcpt: str = "", mail_from: str = "") -> InboundMessage:
    """A mail of these bytes, arrived now."""
    envelope = Envelope(mail_from=mail_from, rcpt_to=(rcpt,) if rcpt else ())
    return InboundMessage(
        channel=Channel.EMAIL, door="smtp", received_at=_ARRIVED, trace_id="accuracy", envelope=envelope, raw=raw
    )


def _of_sms_file(path: Path) -> InboundMessage:
    head, _, text = path.read_text("utf-8").partition("\n\n")
    headers = dict(line.split(":", 1) for line in head.splitlines() if ":" in line)
    return sms(text.removesuffix("\n"), headers.get("From", "").strip())


def of_folder(folder: Path) -> Iterator[Case]:
    """The cases of a corpus folder and the folders in it: two files a case, `.sms` or `.eml`, and `.json`."""
    for labels in sorted(folder.rglob("*.json")):
        label = json.loads(labels.read_text("utf-8"))
        text = labels.with_suffix(".sms")
        message = (
            _of_sms_file(text)
            if text.exists()
            else mail(labels.with_suffix(".eml").read_bytes(), label.get("rcpt", ""), label.get("mail_from", ""))
        )
        yield _case(labels.stem, label, message)


def of_jsonl(path: Path) -> Iterator[Case]:
    """The cases of a file of JSON lines, each an SMS with `text` and `expect`."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield _case(row["id"], row | row["expect"], sms(row["text"], row.get("from", "")))


def of_labels(path: Path) -> Iterator[Case]:
    """The cases of a file of JSON lines, each naming a raw mail in the folder `eml` beside it."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        raw = (path.parent / "eml" / row["file"]).read_bytes()
        yield _case(row["file"], row, mail(raw, row.get("envelope_to") or "", row.get("mail_from") or ""))


def of_lines(path: Path) -> Iterator[Case]:
    """The messages written for fitting: `value|message` a line, `-` for none; a mail begins with `Subject:`.

    Of a mail the value is the code, or the address of the link.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        value, bar, text = line.partition("|")
        if bar and not line.startswith("#"):
            kind = "none" if value == "-" else "link" if "://" in value else "code"
            label: dict[str, object] = {"lang": "", "kind": kind, "value": value}
            text = text.replace("\\n", "\n")
            yield _case(f"line {number}", label, _page(text) if text.startswith("Subject:") else sms(text))


def _page(text: str) -> InboundMessage:
    """A mail of one HTML page, a paragraph a line, with links written as `[label](address)`."""
    subject, _, body = text.partition("\n")
    lines = (_ANCHOR.sub(r'<a href="\2">\1</a>', line.replace("&", "&amp;")) for line in body.split("\n"))
    page = "".join(f"<p>{line}</p>\r\n" for line in lines)
    head = f"{subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    return mail(f"From: office@mail.example\r\n{head}{page}".encode())


def _case(name: str, label: dict[str, object], message: InboundMessage) -> Case:
    tags = label.get("tags")
    return Case(
        name=name,
        lang=str(label["lang"]),
        kind=str(label["kind"]),
        value=str(label["value"]) if label["kind"] != "none" else None,
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        message=message,
    )
