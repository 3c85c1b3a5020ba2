"""Header blocks to fields, unfolded and decoded (RFC 2047), and to parameters (RFC 2231), in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from core.mime import transfer
from core.mime.charsets import decode_short, python_codec

LARGEST = 100 * 1024
"""Bytes of headers that are read (FACTS 22)."""
_LONGEST_PARAMETERS = 8 * 1024
_MOST_PARAMETERS = 100
_FREE_TEXT = frozenset({"subject", "comments", "keywords", "content-description", "thread-topic"})

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_WORD = r"=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?="
_WORDS = re.compile(rf"{_WORD}(?:\s*{_WORD})*")
_ONE_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
# A quoted string that never ends reaches to the end: were it no match, each quote in it would be tried again.
_QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|$)'
_QUOTED_OR_WORDS = re.compile(f"{_QUOTED}|{_WORDS.pattern}", re.DOTALL)
_PARAMETER = re.compile(rf';\s*([^\s=;"]{{1,80}})\s*=\s*({_QUOTED}|[^;]*)', re.DOTALL)
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_CHARSET = re.compile(r"charset\s{0,5}=\s{0,5}[\"']?([^\s;\"']{1,80})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Headers:
    """A mail's headers in order, unfolded, names in lower case, encoded words (RFC 2047) decoded.

    Outside free text such as the subject, decoded words that hold specials come as quoted strings:
    an encoded word can't pass for an address or a separator.
    """

    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that header, topmost first."""
        return tuple(value for key, value in self.fields if key == name)

    def first(self, name: str) -> str:
        """The topmost value of that header, or ""."""
        return next((value for key, value in self.fields if key == name), "")


def split(raw: bytes) -> tuple[Headers, bytes]:
    """The headers of a mail or part, and its body.

    Lines that are no header are passed over; those after the last header begin the body, which
    is how a mail without an empty line, or without headers, is read. No header stands below the line of
    dashes that a part begins with.
    """
    block, body = _halves(raw)
    lines: list[tuple[str, list[bytes]]] = []
    at = end = 0
    for line in block.split(b"\n"):
        match = _FIELD.match(line)
        if match:
            lines.append((match.group(1).decode("ascii").lower(), [line[match.end() :].removesuffix(b"\r")]))
        elif line.startswith((b" ", b"\t")) and lines and at == end:
            lines[-1][1].append(line.removesuffix(b"\r"))
        elif line.startswith(b"--") and lines:
            break
        else:
            at += len(line) + 1
            continue
        at = end = at + len(line) + 1
    stray = block[end:].strip()
    if stray and (not lines or len(block) < LARGEST):
        body = raw[end:]
    return Headers(fields=tuple(_decoded(lines))), body


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    """The header block, of at most LARGEST bytes, and what follows the first empty line."""
    if raw.startswith((b"\r\n", b"\n")):
        return b"", raw[1 + raw.startswith(b"\r") :]
    crlf = raw.find(b"\n\r\n")
    end = raw.find(b"\n\n", 0, crlf + 1 if crlf >= 0 else None)
    if end >= 0:
        return raw[:end][:LARGEST], raw[end + 2 :]
    return (raw[:crlf][:LARGEST], raw[crlf + 3 :]) if crlf >= 0 else (raw[:LARGEST], b"")


def _decoded(lines: list[tuple[str, list[bytes]]]) -> Iterator[tuple[str, str]]:
    fields = [(name, b"".join(pieces).replace(b"\r", b" ").strip()) for name, pieces in lines]
    content_type = next((value for name, value in fields if name == "content-type"), b"")
    charset = _CHARSET.search(content_type[:_LONGEST_PARAMETERS].decode("ascii", "replace"))
    label = charset.group(1) if charset else ""
    for name, raw in fields:
        value = raw.decode("ascii") if raw.isascii() else decode_short(raw, label)
        if "=?" in value:
            value = decode_words(value) if name in _FREE_TEXT else _decode_structured(value)
        yield name, value if value.isprintable() else _CONTROL.sub(" ", value)


def decode_words(text: str) -> str:
    """Text with its encoded words decoded (RFC 2047), those split inside a character too."""
    return _WORDS.sub(lambda run: _decode_run(run.group()), text)


def _decode_structured(text: str) -> str:
    """The same where punctuation has a meaning: what was encoded comes out quoted, what was quoted stays so."""
    return _QUOTED_OR_WORDS.sub(_requoted, text)


def _requoted(match: re.Match[str]) -> str:
    text = match.group()
    if text.startswith('"'):
        return _WORDS.sub(lambda run: _escaped(_decode_run(run.group())), text)
    decoded = _decode_run(text)
    return f'"{_escaped(decoded)}"' if _SPECIAL.search(decoded) else decoded


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _decode_run(run: str) -> str:
    """Neighbouring encoded words: the bytes of those of one charset are joined before they are decoded."""
    pieces: list[tuple[str, list[bytes]]] = []
    for charset, way, text in _ONE_WORD.findall(run):
        data = text.encode("ascii", "replace")
        decoded = transfer.base64(data) if way in "bB" else transfer.quoted_printable(data.replace(b"_", b" "))
        if not pieces or pieces[-1][0] != charset.lower():
            pieces.append((charset.lower(), []))
        pieces[-1][1].append(decoded)
    return "".join(decode_short(b"".join(data), charset) for charset, data in pieces)


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """A header's first word in lower case, and its parameters (RFC 2045, 5.1; RFC 2231), names in lower case."""
    if not value:
        return "", {}
    main, _, _ = value.partition(";")
    words = main.split()
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value[:_LONGEST_PARAMETERS])):
        continued = _CONTINUED.fullmatch(match.group(1))
        if continued and count < _MOST_PARAMETERS:
            name, index, encoded = continued.groups()
            by_index = pieces.setdefault(name.lower(), {})
            by_index.setdefault(int(index or 0), (_unquoted(match.group(2)), bool(encoded)))
    found = {name: _joined(by_index) for name, by_index in pieces.items()}
    if "charset" not in found and (loose := _CHARSET.search(value[:_LONGEST_PARAMETERS])):
        found["charset"] = loose.group(1)
    return (words[0].lower() if words else ""), found


def _unquoted(text: str) -> str:
    text = text.strip()
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"')) if text.startswith('"') else text


def _joined(by_index: dict[int, tuple[str, bool]]) -> str:
    """A parameter's pieces in order; the first names the charset of those that are percent-encoded."""
    label, joined = "", b""
    for index in sorted(by_index):
        text, encoded = by_index[index]
        if encoded and not joined and text.count("'") >= 2:  # noqa: PLR2004 -- charset'language'text
            label, _, text = text.split("'", 2)
        joined += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode_short(joined, label if python_codec(label) else "utf-8")
