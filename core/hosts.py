"""The host that a browser would go to, and whether it is one that was expected."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote

from core.identifiers import ascii_domain

_LONGEST_URL = 8192
_DEEPEST = 4
_HTTP = re.compile(r"https?://(?P<authority>[^/?#\\@%\s]{1,300})(?P<rest>[/?#].*)?", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r":[0-9]{0,5}$")
_IPV6 = re.compile(r"\[[0-9a-f:.]{2,45}\]", re.IGNORECASE)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")

_SAFELINKS = ("safelinks.protection.outlook.com", "safelinks.protection.office365.us")
_URLDEFENSE = ("urldefense.com", "urldefense.us", "urldefense.proofpoint.com")
_V3 = re.compile(r"/v3/__(?P<url>.{1,6000}?)__;(?P<letters>[A-Za-z0-9_=-]{0,2000})!")
_V3_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def judged_host(url: str) -> str:
    """The host that a browser would open, in IDNA ASCII form; "" for a URL that is refused.

    Microsoft's SafeLinks and Proofpoint's URL Defense are read through, by parsing alone: the host inside
    counts. Refused are control characters, spaces, backslashes, a user before `@`, an escaped host, and
    every scheme but http and https (FACTS 25): there, programs and browsers see two different hosts.
    """
    for _ in range(_DEEPEST):
        host, rest = _split(url)
        inner = _wrapped(host, rest)
        if inner is None:
            return host
        url = inner
    return ""


def host_matches(host: str, allowed: Iterable[str]) -> bool:
    """Whether a host is one of those allowed, or a subdomain of one; an address matches only itself."""
    return (
        any(_within(host, name) for name in (_plain(it.strip().removeprefix("*.")) for it in allowed) if name)
        if host
        else False
    )


def _split(url: str) -> tuple[str, str]:
    """Host and what follows it; ("", "") for a URL that is refused."""
    text = url.strip(" ")
    match = _HTTP.fullmatch(text) if len(text) <= _LONGEST_URL and not _UNSAFE.search(text) else None
    if match is None:
        return "", ""
    return _plain(match["authority"]), match["rest"] or ""


def _plain(authority: str) -> str:
    host = _PORT.sub("", authority)
    return host.lower() if _IPV6.fullmatch(host) else ascii_domain(host)


def _within(host: str, name: str) -> bool:
    return host == name or (host.endswith("." + name) and not re.search(r"[0-9]$|\]$", name))


def _wrapped(host: str, rest: str) -> str | None:
    """The URL inside a link that a mail filter rewrote; None when it is no such link."""
    if host_matches(host, _SAFELINKS):
        return _parameter(rest, "url")
    if not host_matches(host, _URLDEFENSE):
        return None
    if rest.startswith("/v3/"):
        return _urldefense_v3(rest)
    if rest.startswith("/v2/"):
        return unquote(_parameter(rest, "u").translate(str.maketrans("-_", "%/")))
    return _parameter(rest, "u")


def _parameter(rest: str, name: str) -> str:
    """The one value of a query parameter; "" when there is none or several, which programs read differently."""
    query = rest.partition("?")[2].partition("#")[0]
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return ""
    values = [value for key, value in fields if key.lower() == name]
    return values[0] if len(values) == 1 else ""


def _urldefense_v3(rest: str) -> str:
    """Proofpoint's third form: `*` stands for the next of the letters listed at the end, `**X` for a run."""
    match = _V3.match(rest)
    if match is None:
        return ""
    try:
        padded = match["letters"].rstrip("=") + "=" * (-len(match["letters"].rstrip("=")) % 4)
        letters = iter(base64.urlsafe_b64decode(padded).decode("utf-8"))
    except (binascii.Error, ValueError):
        return ""
    url = re.sub(r"\*(?:\*([A-Za-z0-9_-]))?", lambda m: "".join(_next(letters, m[1])), match["url"])
    return re.sub(r"^(https?:/)(?=[^/])", r"\1/", url, flags=re.IGNORECASE)


def _next(letters: Iterator[str], run: str | None) -> Iterator[str]:
    for _ in range(_V3_RUNS.index(run) + 2 if run else 1):
        yield next(letters, "")
