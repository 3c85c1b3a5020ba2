"""Where the gateway is, and the key to it."""

import os
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from otpgate_client.conversation import Reply
from otpgate_client.errors import OtpGateError

HERE = "http://127.0.0.1:8025"


def client_options(url: str | None, key: str | None) -> dict[str, Any]:
    """Options of an httpx client for the gateway; what is None comes from OTPGATE_URL and OTPGATE_KEY.

    Raises OtpGateError where there is no key. The header is one that httpx hides in `repr`.
    """
    url = url or os.environ.get("OTPGATE_URL") or HERE
    key = key or os.environ.get("OTPGATE_KEY")
    if not key:
        raise OtpGateError("there is no API key: give one, or set OTPGATE_KEY")
    headers = {"authorization": f"Bearer {key}".encode()}
    return {"base_url": url, "headers": headers, "trust_env": not _is_here(url)}


def reply_of(response: httpx.Response) -> Reply:
    """The response as a reply; a body that is no JSON object counts as empty."""
    try:
        body = response.json()
    except ValueError:
        body = None
    return Reply(status=response.status_code, body=body if isinstance(body, dict) else {})


def _is_here(url: str) -> bool:
    """Whether only this machine answers there: a proxy for the outside must not see its key."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
