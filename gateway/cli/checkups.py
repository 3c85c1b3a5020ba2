"""What `otpgate doctor` looks at: each check answers what it found, and what to do where that is not well."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import dns.exception
import dns.resolver
import httpx
from twilio.request_validator import RequestValidator

from core.errors import ConfigurationError, OtpgateError
from core.migrations import newest, revision
from core.secrets import parse_keys, read_keys
from core.settings import Settings, split_address
from core.store import is_sqlite, keys_needed
from gateway.cli.api import Gateway, UnreachableError
from gateway.data_folder import database_url
from gateway.disk import MIB, Disk
from gateway.sealing import key_file
from gateway.smtp_ports import Opening, openings

PATIENCE = 5.0
_SILENT_MESSAGES = 200


class State(StrEnum):
    """How a check went; only `BAD` makes the doctor exit 1."""

    GOOD = "ok"
    LOOK = "look"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at, how it is, and what to do about it."""

    what: str
    state: State
    text: str


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether every door answers as otpgate does."""
    for opening in openings(settings):
        yield finding(opening.key, _greeted, opening)
    yield finding("http.listen", _answers, *http_door(settings))


def _greeted(opening: Opening) -> str:
    if opening.port.balancers:
        return f"{opening.listen} is for load balancers alone: not asked"
    host, port = split_address(reached(opening.listen))
    client = smtplib.SMTP_SSL if opening.port.implicit_tls else smtplib.SMTP
    with client(host, port, timeout=PATIENCE) as door:
        _, banner = door.helo("doctor.invalid")
    return f"{opening.listen} answers as {banner.decode('ascii', 'replace')[:60]}"


def _answers(url: str, verify: ssl.SSLContext | bool) -> str:  # noqa: FBT001 - httpx has it so
    answer = httpx.get(f"{url}/readyz", timeout=PATIENCE, verify=verify)
    parts = answer.json()["parts"]
    broken = [name for name, works in parts.items() if not works]
    if broken:
        raise OtpgateError(f"{url} says that it is not ready: {', '.join(broken)}")
    return f"{url} is ready: {', '.join(parts)}"


def certificate(settings: Settings) -> Iterator[Finding]:
    """Whether senders that check certificates would believe ours."""
    if not settings.smtp.certificate:
        yield Finding(what="TLS", state=State.LOOK, text="smtp.certificate is not set: mail comes in plain text")
    for domain in settings.gateway_domains() if settings.smtp.certificate else ():
        yield finding(f"TLS {domain}", _encrypts, settings, domain)


def _encrypts(settings: Settings, domain: str) -> str:
    context = ssl.create_default_context()
    with smtplib.SMTP(*split_address(reached(settings.smtp.listen)), timeout=PATIENCE) as door:
        door._host = domain  # type: ignore[attr-defined]  # noqa: SLF001 - the name to check, not the one connected to
        try:
            door.starttls(context=context)
        except ssl.SSLCertVerificationError as error:
            raise OtpgateError(f"the certificate is not good for {domain}: {error.verify_message}") from error
    return f"the certificate is good for {domain}"


def mail_exchangers(settings: Settings, resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    """Whether DNS sends the domains' mail anywhere."""
    for domain in settings.gateway_domains():
        if domain[:1] not in {"*", "["}:
            yield finding(f"MX {domain}", _exchangers, domain, resolver)


def _exchangers(domain: str, resolver: dns.resolver.Resolver) -> str:
    try:
        found = resolver.resolve(domain, "MX", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
        raise OtpgateError(f"{domain} has no MX record: nobody's mail for it finds this gateway") from error
    except dns.exception.DNSException as error:
        raise OtpgateError(f"no name server answered for {domain}") from error
    return "mail goes to " + ", ".join(sorted(str(record.exchange) for record in found))


def public_url(settings: Settings) -> Iterator[Finding]:
    """Whether the public address leads here, and a webhook signed for it is believed."""
    public = settings.server.public_url.rstrip("/")
    if not public:
        yield Finding(what="public URL", state=State.LOOK, text="server.public_url is not set")
        return
    yield finding("public URL", _leads_here, public)
    for name, hook in settings.hooks.items():
        if hook.provider == "twilio":
            yield finding(f"hooks.{name}", _believed, f"{public}/hooks/{name}", hook.options())


def _leads_here(public: str) -> str:
    if httpx.get(f"{public}/healthz", timeout=PATIENCE).json() != {"status": "ok"}:
        raise OtpgateError(f"{public} is answered by another program")
    return f"{public} leads to a gateway"


def _believed(url: str, options: Mapping[str, Any]) -> str:
    """Posts a form that is well signed and holds nothing: 400 when the signature is believed, else 403."""
    tokens = options["auth_token"]
    form = {"AccountSid": str(options["account_sid"])}
    signature = RequestValidator(tokens if isinstance(tokens, str) else tokens[0]).compute_signature(url, form)
    answer = httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=PATIENCE)
    if answer.status_code != httpx.codes.BAD_REQUEST:
        raise OtpgateError(
            f"a well-signed request to {url} is answered {answer.status_code}: "
            "the gateway has another auth_token or public_url, or a proxy changes the request"
        )
    return "signatures are believed"


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether there is room for messages."""

    def room() -> str:
        there = Disk(settings.server.data_dir, settings.disk)
        free = f"{there.free // MIB:,} MiB free"
        if there.full:
            raise OtpgateError(f"{free}, under disk.free_mib: messages are put off; free some or purge")
        return free

    yield finding("disk", room)


def database(settings: Settings) -> Iterator[Finding]:
    """Whether the database opens, is of this release, and its keys are there."""

    def opens() -> str:
        url = database_url(settings)
        if is_sqlite(url) and not Path(url.partition("///")[2]).exists():
            raise OtpgateError("there is no database yet: start `otpgate serve` once")
        there = revision(url)
        if there != newest():
            raise OtpgateError(f"the database is of another release ({there or 'empty'}): run `otpgate migrate`")
        return f"of this release ({there})"

    def keys() -> str:
        needed, file = keys_needed(database_url(settings)), key_file(settings)
        there = read_keys(file) if file else parse_keys(settings.encryption.key.get_secret_value())
        missing = set(needed) - {key.id for key in there}
        if missing:
            raise OtpgateError(f"key {', '.join(sorted(missing))} is missing: what it sealed cannot be read")
        return f"opens what was sealed with {', '.join(needed)}"

    found = finding("database", opens)
    yield found
    if found.state is State.GOOD:
        yield finding("encryption key", keys)


def arrivals(settings: Settings, gateway: Callable[[], Gateway]) -> Iterator[Finding]:
    """Forwarders from which nothing came lately, and confirmations that wait for a person."""
    try:
        with gateway() as api:
            newest_ = api.call("GET", f"/v1/messages?limit={_SILENT_MESSAGES}")["messages"]
            waiting = [
                message
                for kind in ("gmail-confirmation", "forwarding-confirmation")
                for message in api.call("GET", f"/v1/messages?kind={kind}")["messages"]
            ]
    except UnreachableError:
        where = f"nothing answers at {settings.http.listen}, http.listen of this configuration"
        yield Finding(what="arrivals", state=State.BAD, text=f"{where}: name the running gateway's with --config")
        return
    except OtpgateError as error:
        yield Finding(what="arrivals", state=State.BAD, text=str(error))
        return
    for forwarder in settings.trust.forwarders:
        seen = next((m["received_at"] for m in newest_ if m["evidence"].startswith(f"{forwarder.name}: ")), None)
        text = f"last seen {seen}" if seen else f"nothing among the last {len(newest_)} messages came by it"
        yield Finding(what=f"forwarder {forwarder.name}", state=State.GOOD if seen else State.LOOK, text=text)
    for message in waiting:
        number = next((f", or to type {c['value']}" for c in message["candidates"] if c["value"]), "")
        link = message["value"] or _no_link(settings, message["received_at"])
        text = f"{message['identifier']} waits for a person to open {link}{number}"
        yield Finding(what="confirmation", state=State.LOOK, text=text)


def _no_link(settings: Settings, received_at: str) -> str:
    forgotten = datetime.now(UTC) - datetime.fromisoformat(received_at)
    old = forgotten > timedelta(hours=settings.retention.value_hours)
    return (
        "its link, now forgotten" if old else "its link, which was not recognised: look at the mail in the console"
    )


def http_door(settings: Settings) -> tuple[str, ssl.SSLContext | bool]:
    """The HTTP door's address on this machine, and how to know it: its certificate, whatever name it is for."""
    where = reached(settings.http.listen)
    if not settings.http.certificate:
        return f"http://{where}", True
    context = ssl.create_default_context(cafile=settings.http.certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return f"https://{where}", context


def reached(listen: str) -> str:
    """Where a listening address is reached from this machine."""
    host, port = split_address(listen)
    here = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what it means
    return f"[{here}]:{port}" if ":" in here else f"{here}:{port}"


def finding(what: str, look: Callable[..., str], *arguments: object) -> Finding:
    """What a look at it answers; whatever it raises is what is bad."""
    try:
        return Finding(what=what, state=State.GOOD, text=look(*arguments))
    except (OtpgateError, ConfigurationError) as error:
        return Finding(what=what, state=State.BAD, text=str(error))
    except (OSError, smtplib.SMTPException, httpx.HTTPError) as error:
        return Finding(what=what, state=State.BAD, text=f"nothing answers there ({type(error).__name__})")
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding, and the others go on
        return Finding(what=what, state=State.BAD, text=f"cannot be used ({type(error).__name__})")
