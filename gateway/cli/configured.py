"""The settings of commands that run on the gateway's own machine."""

import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from core.configuration import Check, load
from core.errors import ConfigurationError
from core.exposure import undecided
from core.known_keys import nearest, unknown
from core.settings import HookSettings, LogSettings, Settings
from gateway import providers
from gateway.logs import configure_logs
from gateway.smtp_ports import unusable_ports

_HOOK_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_settings(config: Path | None, data_dir: Path | None, *checks: Check) -> Settings:
    """The settings of file, environment and flags; raises ConfigurationError with every fault.

    Until a command says otherwise, logs are warnings on standard error.
    """
    configure_logs(LogSettings(level="warning"), sys.stderr)
    flags = {} if data_dir is None else {"server.data_dir": str(data_dir)}
    return load(config, os.environ, flags, checks)


def servable(config: Path | None, data_dir: Path | None) -> Settings:
    """Settings that a gateway can be served with; raises ConfigurationError with every fault."""
    return read_settings(config, data_dir, undecided, unusable_hooks, unusable_ports)


def unusable_hooks(settings: Settings) -> Iterator[tuple[str, str]]:
    """What the providers find wrong with their `[hooks.NAME]` tables, as keys and sentences."""
    known: dict[str, HookSettings] = {}
    for name, table in settings.hooks.items():
        if not _HOOK_NAME.fullmatch(name):
            yield f"hooks.{name}", "should be named by letters, digits, - and _: it is a part of the webhook's URL"
        others = dict(_unknown_keys(table))
        for key, meant in others.items():
            yield f"hooks.{name}.{key}", unknown(("hooks", name, key), meant)
        known[name] = HookSettings.model_validate(
            {"provider": table.provider} | {k: v for k, v in table.options().items() if k not in others}
        )
    try:
        providers.configure(known, settings.identifiers.default_region)
    except ConfigurationError as error:
        for fault in error.faults:
            key, _, sentence = fault.partition(": ")
            said = sentence.removeprefix("input ").removeprefix("value error, ")
            yield key, "is missing" if said == "field required" else said
    signing = any(found.signs_url for table in settings.hooks.values() if (found := _provider_settings(table)))
    if signing and not settings.server.public_url:
        yield "server.public_url", "must be set: a webhook's sender signs the public URL"


def _unknown_keys(table: HookSettings) -> Iterator[tuple[str, str]]:
    """Keys that the table's provider does not know, each with the nearest that it does."""
    found = _provider_settings(table)
    known = [*found.model_fields, *HookSettings.model_fields] if found else []
    for key in table.options() if found else ():
        if key not in known:
            yield key, nearest(key, known)


def _provider_settings(table: HookSettings) -> type[providers.ProviderSettings] | None:
    """The settings of a table's provider; None where there is no such provider."""
    module = f"{providers.__name__}.{table.provider}"
    if find_spec(module) is None:
        return None
    settings: type[providers.ProviderSettings] = import_module(module).Settings
    return settings
