"""A request as a provider's documentation shows it, from a file tests/gateway/providers/NAME/*.json.

says              what it is, and the page that documents it
settings          the hook's table, without `provider`; "@served" is the address of a server that answers for
                  the provider's API, with the files of the same folder's `served`
at                when it came, RFC 3339 (default: 2026-11-23T12:00:00Z)
method            default POST
url, headers, body
body_file         a file of the same folder in place of `body`, its line ends made CRLF
signature_header  the header that holds the signature; without it the signature stands for @signature@ in
                  the body or URL
signatures        a right signature for each secret in turn
headers_with      for each signature, headers that go with it (optional)
covers            what the signature covers: "body", "url", "time" (default: body and url)
late              seconds after which it is too old (default 300; more where the sender comes back with it)
rotates           false, where there is no secret that could rotate
secrets           secrets that no `repr` may show
required          fields whose lack must be named: a form's name, or a dotted path into JSON
messages          what it brings: an SMS by HookMessage's fields; a mail by `mail_from`, `rcpt_to`, and by `raw`
                  (whole) or `contains` (texts found in the raw mail)
answer            text of the answer, where it matters
"""

import json
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.settings import HookSettings
from gateway.providers import Brought, Hook, HookMail, HookMessage, HookRequest, SmsPart, configure

HERE = Path(__file__).parent
ALL = sorted(file for file in HERE.glob("*/*.json"))
_MARK = "@signature@"


class Recorded:
    """A recorded request, the settings that believe it, and what it brings."""

    def __init__(self, file: Path, served: str) -> None:
        self.folder, self.provider = file.parent, file.parent.name
        self._served = f"{served}/{self.provider}/served"
        self._told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        self.signatures: list[str] = self._told["signatures"]
        self.covers: list[str] = self._told.get("covers", ["body", "url"])
        self.late: int = self._told.get("late", 300)
        self.secrets: list[str] = self._told["secrets"]
        self.required: list[str] = self._told["required"]
        self.says_why_none_rotate = self._told.get("rotates") is False

    @property
    def signature_is_in_the_body(self) -> bool:
        """Whether the signature is a part of what it came with."""
        return "signature_header" not in self._told

    @property
    def brings_nothing(self) -> bool:
        """Whether it is a sign of life, a challenge or of no interest."""
        return not self._told["messages"]

    def hook(self, **changed: object) -> Hook:
        """The hook that believes it, configured as in a file."""
        table = HookSettings.model_validate({"provider": self.provider, **self._settings, **changed})
        return configure({"in": table})["in"]

    def request(
        self,
        *,
        signature: str | None = None,
        body: bytes | None = None,
        url: str = "",
        query: str | None = None,
        seconds_later: int = 0,
    ) -> HookRequest:
        """The request, with whatever is named changed."""
        told = self._told
        signature = self.signatures[0] if signature is None else signature
        headers = {**told["headers"], **self._headers_with(signature)}
        if not self.signature_is_in_the_body:
            headers[told["signature_header"]] = signature
        whole = url or told["url"].replace(_MARK, signature)
        at = datetime.fromisoformat(told.get("at", "2026-11-23T12:00:00Z"))
        return HookRequest(
            method=told.get("method", "POST"),
            url=whole,
            query=whole.partition("?")[2] if query is None else query,
            headers={name: value for name, value in headers.items() if value},
            body=self._body.replace(_MARK.encode(), _bytes(signature)) if body is None else body,
            received_at=at + timedelta(seconds=seconds_later),
        )

    def check(self, brought: Brought) -> None:
        """Fails unless that is what the request should bring."""
        assert len(brought.messages) == len(self._told["messages"])
        for message, told in zip(brought.messages, self._told["messages"], strict=True):
            if isinstance(message, HookMail):
                _check_mail(message, told)
            else:
                part = {"part": SmsPart(**told["part"])} if told.get("part") else {}
                assert message == HookMessage(**{**told, **part})
        assert brought.answer.text == self._told.get("answer", brought.answer.text)

    def without(self, missing: str) -> HookRequest:
        """The same request without one field, its signature no longer right."""
        whole = self.request()
        if whole.content_type == "multipart/form-data":
            return self.request(body=_without_part(whole.body, missing.encode()))
        if whole.content_type == "application/json" or whole.body.lstrip()[:1] in {b"{", b"["}:
            return self.request(body=json.dumps(_without_member(json.loads(whole.body), missing)).encode())
        if whole.query:
            return self.request(query=_without_pair(whole.query, missing), body=whole.body)
        return self.request(body=_without_pair(whole.body.decode(), missing).encode())

    def settings_with_a_blank_secret(self) -> list[dict[str, object]]:
        """The settings that hold secrets, each blank in turn."""
        return [
            {name: [""] if isinstance(value, list) else ""}
            for name, value in self._settings.items()
            if set(self.secrets) & set(map(str, value if isinstance(value, list) else [value]))
        ]

    @cached_property
    def _settings(self) -> dict[str, Any]:
        def found(value: object) -> object:
            if isinstance(value, list):
                return [found(each) for each in value]
            return value.replace("@served", self._served) if isinstance(value, str) else value

        return {name: found(value) for name, value in self._told["settings"].items()}

    @cached_property
    def _body(self) -> bytes:
        if "body_file" not in self._told:
            return str(self._told["body"]).encode()
        content: bytes = (self.folder / self._told["body_file"]).read_bytes()
        return content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def _headers_with(self, signature: str) -> dict[str, str]:
        told: list[dict[str, str]] = self._told.get("headers_with", [])
        return told[self.signatures.index(signature)] if told and signature in self.signatures else {}


def _check_mail(mail: HookMail, told: dict[str, Any]) -> None:
    assert (mail.mail_from, list(mail.rcpt_to)) == (told["mail_from"], told["rcpt_to"])
    if "raw" in told:
        assert mail.raw.decode() == told["raw"]
    for text in told.get("contains", []):
        assert text in mail.raw.decode("utf-8", "replace"), text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _without_pair(text: str, missing: str) -> str:
    return urlencode([pair for pair in parse_qsl(text, keep_blank_values=True) if pair[0] != missing])


def _without_member(found: Any, path: str) -> Any:
    name, _, rest = path.partition(".")
    if isinstance(found, list):
        return [value if str(at) != name else _without_member(value, rest) for at, value in enumerate(found)]
    kept = {key: value for key, value in found.items() if key != name or rest}
    return {**kept, name: _without_member(found[name], rest)} if rest else kept


def _without_part(body: bytes, missing: bytes) -> bytes:
    delimiter = body.partition(b"\r\n")[0]
    parts = body.split(delimiter)
    return delimiter.join(part for part in parts if b'name="' + missing + b'"' not in part)
