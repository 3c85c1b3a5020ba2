"""Webhook senders, one file each: typed `Settings`, `verify(request, settings)` and `parse(request, settings)`.

A provider knows neither Flask nor the other providers; what all share is in gateway/webhooks.
`[hooks.NAME] provider = "twilio"` serves `POST /hooks/NAME` with gateway/providers/twilio.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from core.errors import ConfigurationError
from core.settings import HookSettings
from gateway.webhooks.brought import Answer, Brought, HookMail, HookMessage, Nonce, SmsPart
from gateway.webhooks.request import HookRefusedError, HookRequest

__all__ = [
    "Answer",
    "Brought",
    "Hook",
    "HookMail",
    "HookMessage",
    "HookRefusedError",
    "HookRequest",
    "Nonce",
    "Provider",
    "ProviderSettings",
    "SmsPart",
    "configure",
]

_UNLIKE = frozenset({"string_pattern_mismatch", "string_too_short", "too_short"})


class ProviderSettings(BaseModel):
    """The keys of a hook's table; secrets are SecretStr, so that no `repr` shows them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    methods: ClassVar[tuple[str, ...]] = ("POST",)
    """HTTP methods that the sender uses."""
    signs_url: ClassVar[bool] = False
    """Whether its signature covers the URL: then `server.public_url` must be set."""
    largest_body: ClassVar[int] = 0
    """Bytes; 0 for what `http.max_body_bytes` allows."""

    @property
    def taken(self) -> tuple[str, ...]:
        """The methods that are taken with these settings: `GET` too where a heartbeat has its own address."""
        return (*self.methods, "GET", "HEAD") if getattr(self, "heartbeat_token", ()) else self.methods


class Provider(Protocol):
    """What a provider's file holds."""

    Settings: type[ProviderSettings]

    def verify(self, request: HookRequest, settings: Any) -> None:
        """Raises HookRefusedError unless the request is signed by the configured account."""

    def parse(self, request: HookRequest, settings: Any) -> Brought:
        """The messages of a request that is believed, and its answer.

        Raises InvalidRequestError naming a missing field, TemporaryError when it must ask its provider in vain.
        """


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A configured webhook."""

    name: str
    provider: Provider
    settings: ProviderSettings

    def receive(self, request: HookRequest) -> Brought:
        """What a request brings that is believed; raises HookRefusedError, InvalidRequestError, TemporaryError."""
        self.provider.verify(request, self.settings)
        return self.provider.parse(request, self.settings)


def configure(tables: Mapping[str, HookSettings], default_region: str = "") -> dict[str, Hook]:
    """The hooks by name; raises ConfigurationError with every fault in their tables.

    `default_region` ("US") reads national numbers in them.
    """
    hooks: dict[str, Hook] = {}
    faults: list[str] = []
    for name, table in tables.items():
        if find_spec(f"{__name__}.{table.provider}") is None:
            faults.append(f"hooks.{name}.provider: there is no provider {table.provider!r}")
            continue
        provider = cast("Provider", import_module(f"{__name__}.{table.provider}"))
        try:
            context = {"default_region": default_region}
            settings = provider.Settings.model_validate(table.options(), context=context)
            hooks[name] = Hook(name=name, provider=provider, settings=settings)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            faults += [_fault(name, provider.Settings, fault) for fault in found]
    if faults:
        raise ConfigurationError(list(dict.fromkeys(faults)))
    return hooks


def _fault(name: str, settings: type[ProviderSettings], fault: ErrorDetails) -> str:
    """What is wrong, for a person, without the value: a field's description where it does not look like that."""
    key = [part for part in fault["loc"] if isinstance(part, str)]
    field = settings.model_fields.get(key[0]) if key else None
    said = fault["msg"].removeprefix("Value error, ")
    if fault["type"] in _UNLIKE and field and field.description:
        said = f"should be {field.description}"
    return f"{'.'.join(['hooks', name, *key])}: {said[:1].lower()}{said[1:]}"
