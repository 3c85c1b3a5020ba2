"""What a provider is asked for when its webhook brings only half: by its own API, never by a URL of a message."""

import time
from collections.abc import Mapping
from functools import cache
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx

from core.errors import TemporaryError

PATIENCE = 6.0
"""Seconds for one answer: some mails need two, and webhook senders wait 15 for ours."""


def ask(url: str, *, headers: Mapping[str, str] | None = None, largest: int = 1024 * 1024) -> bytes:
    """The body of the answer to GET; raises TemporaryError for an outage, a refusal, over `largest` bytes.

    No redirect is followed, and no error tells more of the URL than its host.
    """
    host = urlsplit(url).hostname or "the provider"
    body, end = bytearray(), time.monotonic() + PATIENCE
    try:
        with httpx.stream("GET", url, headers=dict(headers or {}), timeout=PATIENCE, verify=_trusted()) as answer:
            if answer.status_code != httpx.codes.OK:
                raise TemporaryError(f"{host} answered {answer.status_code}: look at the hook's settings")
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > largest or time.monotonic() > end:
                    raise TemporaryError(f"{host} answered too much or too slowly")
    except (httpx.HTTPError, httpx.InvalidURL):  # whose text may hold a header or parts of the URL
        raise TemporaryError(f"{host} did not answer: try again") from None
    return bytes(body)


@cache
def _trusted() -> SSLContext:
    """The certificate authorities, read once: that takes longer than most answers."""
    return httpx.create_ssl_context()
