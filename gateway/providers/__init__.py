"""Webhook senders, one file each: typed `Settings`, `verify(request, settings)` and `parse(request, settings)`.

A provider knows neither Flask nor the other providers. `[hooks.NAME] provider = "twilio"` serves
`POST /hooks/NAME` with gateway/providers/twilio.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ConfigurationError, ForbiddenError, InvalidRequestError
from core.settings import HookSettings

_MOST_FIELDS = 500


class HookRefusedError(ForbiddenError):
    """The request is not believed; `reason` is a fixed phrase for the log, never shown to the caller."""

    slug = "hook-refused"

    def __init__(self, reason: str) -> None:
        super().__init__("this request is not signed by the configured account")
        self.reason = reason


class ProviderSettings(BaseModel):
    """The keys of a hook's table; secrets are SecretStr, so that no `repr` shows them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, kw_only=True)
class HookRequest:
    """A webhook request as received, with the URL that its sender signed."""

    url: str
    """Built from the configured public URL and the raw query, never from Host or X-Forwarded headers."""
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)

    def form(self) -> dict[str, list[str]]:
        """The form fields of the body: every value of every name, blanks kept, nothing trimmed.

        Raises InvalidRequestError when the body is no form.
        """
        try:
            pairs = parse_qsl(
                self.body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        except ValueError as error:
            raise InvalidRequestError("the body is no URL-encoded form in UTF-8") from error
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return fields


@dataclass(frozen=True, kw_only=True)
class HookMessage:
    """One message that a webhook brought."""

    sender: str
    recipient: str
    text: str = field(repr=False)
    external_id: str
    """The provider's id of the message: the same id adds nothing."""


class Provider(Protocol):
    """What a provider's file holds."""

    Settings: type[ProviderSettings]
    ANSWER: tuple[str, str]
    """Body and content type of the answer after the commit."""

    def verify(self, request: HookRequest, settings: Any) -> None:
        """Raises HookRefusedError unless the request is signed by the configured account."""

    def parse(self, request: HookRequest, settings: Any) -> list[HookMessage]:
        """The messages that it brings; raises InvalidRequestError naming a missing field."""


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A configured webhook."""

    name: str
    provider: Provider
    settings: ProviderSettings

    def receive(self, request: HookRequest) -> list[HookMessage]:
        """The messages of a request that is believed; raises HookRefusedError, InvalidRequestError."""
        self.provider.verify(request, self.settings)
        return self.provider.parse(request, self.settings)


def configure(tables: Mapping[str, HookSettings]) -> dict[str, Hook]:
    """The hooks by name; raises ConfigurationError with every fault in their tables."""
    hooks: dict[str, Hook] = {}
    faults: list[str] = []
    for name, table in tables.items():
        if find_spec(f"{__name__}.{table.provider}") is None:
            faults.append(f"hooks.{name}.provider: there is no provider {table.provider!r}")
            continue
        provider = cast("Provider", import_module(f"{__name__}.{table.provider}"))
        try:
            settings = provider.Settings.model_validate(table.options())
            hooks[name] = Hook(name=name, provider=provider, settings=settings)
        except ValidationError as error:
            faults += [
                f"hooks.{name}.{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}"
                for fault in error.errors(include_input=False, include_url=False)
            ]
    if faults:
        raise ConfigurationError(faults)
    return hooks
