"""Addresses and parameters of MAIL and RCPT (RFC 5321, 4.1.2), read leniently and in linear time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTROL = r"\x00-\x1f\x7f-\x9f\ufffd"
"""U+FFFD stands for bytes that were no UTF-8: two such addresses would look the same."""
_ATOM = rf'[^\s<>()\[\]:;@\\,"{_CONTROL}]+'
_QUOTED = rf'"(?:[^"\\{_CONTROL}]|\\[^{_CONTROL}])*"'
_LITERAL = rf"\[[^\[\]<>\s{_CONTROL}]+\]"
_ADDRESS = rf"(?P<local>{_ATOM}|{_QUOTED})(?:@(?P<domain>{_ATOM}|{_LITERAL}))?"
_PATH = re.compile(rf"(?P<open><)?(?:@[^:<>\s]*:)?(?:{_ADDRESS})?(?(open)>)(?=\s|$)")
_XTEXT = re.compile(rb"\+([0-9A-F]{2})")


@dataclass(frozen=True, kw_only=True)
class Path:
    """An envelope address without its source route; both parts are "" for the null sender `<>`."""

    address: str
    domain: str
    parameters: Mapping[str, str]
    """ESMTP parameters by their name in upper case; "" for those without a value."""


def read_path(argument: str, keyword: str) -> Path | None:
    """The path of `FROM:<a@b> SIZE=1` or `TO: a@b`, keyword included; None where none can be read."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    text = argument[len(keyword) :].lstrip()
    match = _PATH.match(text)
    if not match or not (match["local"] or match[0] == "<>"):
        return None
    domain = match["domain"] or ""
    address = match["local"] or ""
    return Path(
        address=f"{address}@{domain}" if domain else address,
        domain=domain,
        parameters=_parameters(text[match.end() :]),
    )


def _parameters(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split())
    return {name.upper(): value for name, _, value in pairs}


def original_recipient(orcpt: str) -> str:
    """The address in `rfc822;user+40example.com` (RFC 3461, 4.2), or "" where none can be read."""
    kind, _, xtext = orcpt.partition(";")
    if kind.lower() != "rfc822":
        return ""
    decoded = _XTEXT.sub(lambda match: bytes.fromhex(match[1].decode()), xtext.encode())
    address = decoded.decode("utf-8", "replace")
    return address if re.fullmatch(_ADDRESS, address) else ""
