"""`otpgate doctor`: what is wrong with an installation, and what to do about it."""

from collections.abc import Iterator
from functools import partial

import dns.resolver
import typer

from core.settings import Settings
from gateway.cli import checkups, clock_checkup, hook_checkup, mailbox_checkup, webhook_checkup
from gateway.cli.api import Gateway
from gateway.cli.checkups import Finding, State
from gateway.cli.configured import servable
from gateway.cli.options import ConfigFile, DataDir
from gateway.cli.terminal import clock, show_table


def doctor(config: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Look at everything that makes codes arrive, on the gateway's own machine while it serves.

    Exits 1 when something is bad; what is worth a look is told as well. **Example**

        otpgate doctor --config config.toml
    """
    settings = servable(config, data_dir)
    with clock("looking"):
        found = list(_examine(settings))
    show_table(("", "what", "found"), [(one.state.value, one.what, one.text) for one in found])
    raise typer.Exit(any(one.state is State.BAD for one in found))


def _examine(settings: Settings) -> Iterator[Finding]:
    yield from checkups.ports(settings)
    yield from checkups.certificate(settings)
    yield from checkups.mail_exchangers(settings, _resolver(settings))
    yield from checkups.public_url(settings)
    yield from clock_checkup.clock(settings)
    yield from checkups.disk(settings)
    yield from checkups.database(settings)
    yield from hook_checkup.heartbeats(settings)
    url, verify = checkups.http_door(settings)
    gateway = partial(Gateway, url, "", settings.server.data_dir, verify=verify)
    yield from mailbox_checkup.mailboxes(settings, gateway)
    yield from checkups.arrivals(settings, gateway)
    yield from webhook_checkup.webhooks(gateway)


def _resolver(settings: Settings) -> dns.resolver.Resolver:
    servers = [str(address) for address in settings.trust.dns_servers]
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        return dns.resolver.Resolver(configure=False)
    if servers:
        resolver.nameservers = list(servers)
    return resolver
