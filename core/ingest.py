"""Where every door ends: resolve whose message it is, vouch for it, extract, store. Safe to repeat."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from core import journal
from core.access import matches
from core.filing import CONFIRMATIONS, Lifetimes, code_rows, message_row
from core.fingerprint import mark
from core.message import Channel, InboundMessage
from core.reading import Reading
from core.recipients import Recipient, named, resolve
from core.store import Code, Message, Store, Stored
from core.trust import Proof, vouch

Prove = Callable[[InboundMessage], Proof]
"""What a message proves before it is known whose it is."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a message: its rows, and for each whether it was new."""

    messages: tuple[Message, ...]
    codes: tuple[Code, ...]
    new: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was made of a message before anything is stored: a row, its codes and its mark for each recipient."""

    reading: Reading
    via: tuple[str, ...]
    """The forwarder or API key that vouches for it, else the door; for each recipient."""
    stored: tuple[Stored, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """The one function behind every door, with what it needs."""

    store: Store
    prove: Prove
    lifetimes: Lifetimes
    read: Callable[[InboundMessage], Reading]
    gateway_domains: Sequence[str] = ()
    default_region: str = ""
    accept_unknown: bool = True
    check_room: Callable[[], None] = lambda: None
    """Raises StoreFullError when no message can be stored now."""

    def __call__(self, message: InboundMessage) -> Future[Receipt]:
        """Read and store a message; the future ends after the commit that carries it.

        Raises StoreFullError when there is no room, InvalidIdentifierError for a pushed message whose
        recipient is no identifier; the future raises StoreUnavailableError when nothing was stored.
        """
        self.check_room()
        judged = self.judge(message)
        if judged.reading.fault:
            journal.reading_failed(trace_id=message.trace_id, error=judged.reading.fault)
        done: Future[Receipt] = Future()
        done.set_running_or_notify_cancel()  # a session that ends cancels nothing: what was submitted is done
        self.store.messages.add(judged.stored).add_done_callback(lambda added: self._settle(added, judged, done))
        return done

    def judge(self, message: InboundMessage) -> Judged:
        """Read a message and say for whom it is, who vouches for it and what is in it; stores nothing.

        Raises InvalidIdentifierError as the call itself does.
        """
        reading = self.read(message)
        recipients = dict.fromkeys(self._recipients(message, reading))
        theirs = [matches(recipient.identifier, message.envelope.login_only) for recipient in recipients]
        came = self._came(message)
        others = came if all(theirs) else self._came(_not_logged_in(message))
        ways = [came if own else others for own in theirs]
        rows = [self._row(message, reading, it, proof) for it, (proof, _) in zip(recipients, ways, strict=True)]
        return Judged(reading=reading, via=tuple(via for _, via in ways), stored=tuple(rows))

    def _came(self, message: InboundMessage) -> tuple[Proof, str]:
        """What a message proves, and the forwarder or API key that it came by, else the door."""
        proof = self.prove(message)
        return proof, proof.forwarder or message.envelope.login or message.door

    def _settle(self, added: Future[tuple[bool, ...]], judged: Judged, done: Future[Receipt]) -> None:
        error = added.exception()
        if error is not None:
            done.set_exception(error)
            return
        stored = judged.stored
        for (message, found, _), via, new in zip(stored, judged.via, added.result(), strict=True):
            journal.message_stored(
                trace_id=message.trace_id,
                door=message.door,
                channel=message.channel,
                identifier=message.identifier,
                identity_source=message.identity_source,
                verdict=message.verdict or message.kind,
                new=new,
                via=via,
                kinds=[code.kind for code in found if not code.alternate],
            )
            if new and message.kind in CONFIRMATIONS:
                journal.confirmation_waits(
                    trace_id=message.trace_id, identifier=message.identifier, message_id=message.id
                )
        codes = tuple(code for _, codes, _ in stored for code in codes)
        done.set_result(Receipt(messages=tuple(item[0] for item in stored), codes=codes, new=added.result()))

    def _recipients(self, message: InboundMessage, reading: Reading) -> list[Recipient]:
        if message.channel is not Channel.EMAIL:
            pushed = message.channel is Channel.PUSH
            return [named(message.recipient, self.store.registry, self.default_region, pushed=pushed)]
        envelope = message.envelope
        stated = envelope.orcpt or ("",) * len(envelope.rcpt_to)
        return [
            resolve(
                rcpt,
                reading.mail,
                reading.original,
                registry=self.store.registry,
                orcpt=orcpt,
                mail_from=envelope.mail_from,
                gateway_domains=self.gateway_domains,
            )
            for rcpt, orcpt in zip(envelope.rcpt_to, stated, strict=True)
        ]

    def _row(self, message: InboundMessage, reading: Reading, recipient: Recipient, proof: Proof) -> Stored:
        record = self.store.registry.get(recipient.identifier)
        names = {recipient.identifier, *(record.aliases if record else ())}
        vouched = vouch(proof, identity_source=recipient.source, names=names, sender_domain=reading.sender_domain)
        known = not recipient.nobody and (self.accept_unknown or record is not None)
        row = message_row(message, reading, recipient, vouched, known=known)
        codes = tuple(code_rows(row, reading, self.lifetimes)) if known else ()
        return row, codes, mark(message, recipient.identifier, reading.extracted.value or "")


def _not_logged_in(message: InboundMessage) -> InboundMessage:
    """The message as it is to those whom the key that it came with is not for."""
    return replace(message, envelope=replace(message.envelope, login="", login_only=()))
