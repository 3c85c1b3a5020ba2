"""`otpgate parse`: what the gateway would find in a message, without a database."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from core.errors import InvalidIdentifierError, NotFoundError
from core.identifiers import ascii_domain, normalize
from core.message import Channel, InboundMessage
from core.reading import Reading, candidates_json, read
from core.recipients import Recipient, resolve
from core.settings import ExtractionSettings, LogSettings
from gateway.cli.explain import Parsed, explain_to_person
from gateway.cli.samples import Sample, of_files, of_lines
from gateway.cli.terminal import clock
from gateway.logs import configure_logs

STANDARD_INPUT = Path("-")
_THRESHOLD = ExtractionSettings().threshold


def _present(paths: list[Path]) -> list[Path]:
    missing = [str(path) for path in paths if path != STANDARD_INPUT and not path.exists()]
    if missing:
        raise typer.BadParameter(f"there is no {' and no '.join(missing)}")
    return paths


class _NothingRegistered:
    """The registry of a gateway that has none: the command line alone knows no one."""

    def by_secret_address(self, local_part: str) -> str | None:
        """No address was issued."""
        del local_part
        return None

    def owner(self, identifier: str) -> str | None:
        """Nobody is registered."""
        del identifier
        return None


def parse(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE_OR_FOLDER",
            help="Mails as files, folders of .eml files, or - for JSON lines on standard input.",
            callback=_present,
        ),
    ],
    rcpt: Annotated[str, typer.Option(help="The envelope's recipient (RCPT TO).", metavar="ADDRESS")] = "",
    gateway_domain: Annotated[
        list[str] | None,
        typer.Option(help="A domain of the gateway's own mailboxes; may be repeated.", metavar="DOMAIN"),
    ] = None,
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Tables for a person: every candidate, for and against.")
    ] = False,
) -> None:
    """Show what would be found in messages: one JSON object a line, in order. Nothing is stored or opened.

    Lines on standard input are an SMS `{"id","from","to","text"}` or a mail `{"id","file","rcpt","mail_from"}`.
    What cannot be read answers with `id` and `error`; the others go on, and the exit code is 1.

    **Examples**

        otpgate parse mail.eml --rcpt otp@gw.example.com --explain

        echo '{"id":1,"from":"VERIFY","to":"+15551230000","text":"Your code is 314159"}' | otpgate parse -
    """
    configure_logs(LogSettings(level="warning", format="text"), sys.stderr)
    show = explain_to_person if explain else _print_json
    read_well: list[bool] = []
    with clock("parsing") if not sys.stdout.isatty() else nullcontext():
        for sample in _samples(paths, rcpt):
            parsed = parse_one(sample, gateway_domain or [])
            read_well.append(parsed is not None)
            show(sample, parsed)
    if not read_well and STANDARD_INPUT not in paths:
        raise NotFoundError("there is no .eml file in that folder")
    raise typer.Exit(0 if all(read_well) else 1)


def parse_one(sample: Sample, gateway_domains: Sequence[str]) -> Parsed | None:
    """What is in a sample and whose it is; None when it holds no message."""
    if sample.message is None:
        return None
    reading = read(sample.message, threshold=_THRESHOLD)
    return Parsed(reading=reading, recipient=_recipient(sample.message, reading, gateway_domains))


def _samples(paths: Sequence[Path], rcpt: str) -> Iterator[Sample]:
    for path in paths:
        yield from of_lines(sys.stdin.buffer, rcpt) if path == STANDARD_INPUT else of_files(path, rcpt)


def _recipient(message: InboundMessage, reading: Reading, gateway_domains: Sequence[str]) -> Recipient | None:
    if message.channel is Channel.SMS:
        try:
            identifier = normalize(message.recipient)
        except InvalidIdentifierError:
            return None
        return Recipient(identifier=identifier, source="webhook", evidence="the line says that it was sent to it")
    found = resolve(
        next(iter(message.envelope.rcpt_to), ""),
        reading.mail,
        reading.original,
        registry=_NothingRegistered(),
        mail_from=message.envelope.mail_from,
        gateway_domains=[ascii_domain(domain) or domain for domain in gateway_domains],
    )
    return found if found.identifier else None


def _print_json(sample: Sample, parsed: Parsed | None) -> None:
    if parsed is None:
        nothing = dict.fromkeys(("value", "identifier", "identity_source"))
        shape = {"id": sample.id, "file": sample.file, "kind": "none", **nothing, "confidence": 0.0}
        typer.echo(json.dumps({**shape, "reason": sample.error, "candidates": [], "error": sample.error}))
        return
    found, whose = parsed.reading.extracted, parsed.recipient
    answer = {
        "id": sample.id,
        "file": sample.file,
        "kind": found.kind.value,
        "value": found.value,
        "identifier": whose.identifier if whose else None,
        "identity_source": whose.source if whose else None,
        "confidence": round(found.confidence, 4),
        "reason": found.reason,
        "candidates": candidates_json(found.candidates),
    }
    typer.echo(json.dumps(answer))
