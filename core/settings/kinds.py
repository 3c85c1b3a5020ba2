"""The shapes of values that several sections take, each with its check."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from core.identifiers import ascii_domain

_LAST_PORT = 65_535
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:2525" or "[::1]:2525"; raises ValueError."""
    host, colon, port = listen.rpartition(":")
    if not (colon and port.isascii() and port.isdigit()) or int(port) > _LAST_PORT:
        raise ValueError(f"{listen!r} is no HOST:PORT such as 127.0.0.1:2525 or [::1]:2525")
    return host.strip("[]"), int(port)


def _listen(text: str) -> str:
    split_address(text)
    return text


def _maybe_listen(text: str) -> str:
    return _listen(text) if text else text


def _domain(text: str) -> str:
    if "@" in text or not (text.startswith("[") or ascii_domain(text.removeprefix("*."))):
        raise ValueError(f"{text!r} is no domain such as otp.example.com or *.example.com")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{text!r} is no address or network such as 127.0.0.1 or 10.0.0.0/8") from error
    return text


def _duration(value: object) -> object:
    if not isinstance(value, str) or not value:
        return value or timedelta()
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value)
    if not found:
        raise ValueError(f"{value!r} is no length of time such as 30s, 15m, 2h or 1d")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A length of time written as "15m"; "" for none."""
Listen = Annotated[str, AfterValidator(_listen)]
MaybeListen = Annotated[str, AfterValidator(_maybe_listen)]
Domain = Annotated[str, AfterValidator(_domain)]
Networks = tuple[Annotated[str, AfterValidator(_network)], ...]


class Section(BaseModel):
    """One table of the configuration; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
