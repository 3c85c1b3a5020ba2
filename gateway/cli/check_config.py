"""`otpgate check-config`: whether `serve` would start, and what it would serve."""

from collections.abc import Iterator

import typer

from core.exposure import exposures
from core.settings import Settings
from gateway.cli.configured import servable
from gateway.cli.options import ConfigFile, DataDir


def check_config(config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Check the configuration as `serve` would, starting nothing; all faults at once, and exit code 78.

    **Example**

        otpgate check-config --config config.toml
    """
    settings = servable(config, data_dir)
    typer.echo("configuration is fine")
    for label, text in _served(settings):
        typer.echo(f"{label:<12}{text}")


def _served(settings: Settings) -> Iterator[tuple[str, str]]:
    """What would be served, without any secret."""
    database = settings.database.url.get_secret_value().partition(":")[0]
    yield "SMTP", f"{settings.smtp.listen}, mail for {', '.join(settings.smtp.domains) or 'any domain'}"
    yield "HTTP", settings.http.listen + (f", as {url}" if (url := settings.server.public_url) else "")
    yield "data", f"{settings.server.data_dir} ({database or 'SQLite'})"
    yield "identifiers", "any" if settings.identifiers.accept_unknown else "registered ones only"
    yield "trust", f"at least {settings.trust.minimum}"
    for name, hook in settings.hooks.items():
        yield "webhook", f"POST /hooks/{name} ({hook.provider})"
    yield (
        "reached by",
        "the outside: " + ", ".join(found) if (found := exposures(settings)) else "this machine only",
    )
