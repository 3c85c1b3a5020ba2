"""The SMTP commands (RFC 5321) as this door understands them."""

from aiosmtpd.smtp import Envelope as AiosmtpdEnvelope

from core.errors import InvalidRequestError, MessageTooLargeError
from core.message import Channel, Envelope, InboundMessage
from gateway.smtp.events import Refusal
from gateway.smtp.maildata import MailData
from gateway.smtp.paths import Path, original_recipient, read_path
from gateway.smtp.replies import answer
from gateway.smtp.security import SecureConversation

MAX_SIZE_DIGITS = 20
"""RFC 1870, 4."""


class Transaction(AiosmtpdEnvelope):
    """One mail in the making; `mail_from` is None before MAIL and "" for the null sender."""

    def __init__(self) -> None:
        super().__init__()
        self.orcpt: list[str] = []


class SmtpSession(SecureConversation):
    """A connection that takes mail."""

    envelope: Transaction

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        """Names what this door can do; PIPELINING because commands are read from a buffer, in order."""
        if not hostname:
            return await self.push("501 5.5.4 Syntax: EHLO hostname")
        self.forget_mail()
        assert self.session  # noqa: S101 - there from the first byte on
        self.session.host_name = hostname
        words = [
            self.hostname,
            f"SIZE {self.settings.max_message_bytes}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            *self.security_offers(),
            "ENHANCEDSTATUSCODES",
        ]
        lines = [f"250-{word}" for word in words[:-1]] + [f"250 {words[-1]}"]
        return await self.push("\r\n".join(lines))

    async def smtp_NOOP(self, arg: str) -> None:  # noqa: ARG002, N802
        """Does nothing, and counts as junk."""
        await self.push("250 2.0.0 ok")

    async def smtp_RSET(self, arg: str) -> None:  # noqa: ARG002, N802
        """Forgets the mail in the making."""
        self.forget_mail()
        await self.push("250 2.0.0 ok")

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002, N802
        """Tells nothing: known and unknown recipients are alike."""
        await self.push("252 2.1.5 send some mail, it will be tried")

    async def smtp_EXPN(self, arg: str) -> None:  # noqa: ARG002, N802
        """Lists no one."""
        await self.push("502 5.5.1 there are no lists here")

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002, N802
        """Points to the standard."""
        await self.push("214 2.0.0 see RFC 5321")

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: ARG002, N802
        """Ends the session."""
        self.hang_up("221 2.0.0 bye")

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Begins a mail; unknown parameters are accepted and ignored (FACTS 6)."""
        await self.push(self._mail_out_of_turn() or await self.login_ended() or self._take_sender(arg or ""))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """Adds a recipient of any local part; its domain is for `accept_recipient` to judge."""
        await self.push(self._rcpt_out_of_turn() or self._take_recipient(arg or ""))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Takes the mail; 250 once it is stored."""
        refusal = self._data_out_of_turn(arg) or await self.login_ended()
        if refusal:
            return await self.push(refusal)
        await self.push("354 end with <CRLF>.<CRLF>")
        return await self._receive()

    def _create_envelope(self) -> Transaction:
        return Transaction()

    def _mail_out_of_turn(self) -> str | None:
        if not (self.session and self.session.host_name):
            return "503 5.5.1 say EHLO first"
        if self.settings.require_tls and not self.encrypted:
            return "530 5.7.0 say STARTTLS first"
        if self.envelope.mail_from is not None:
            return "503 5.5.1 one MAIL at a time"
        return None

    def _take_sender(self, argument: str) -> str:
        path = read_path(argument, "FROM:")
        if path is None:
            return answer(InvalidRequestError("Syntax: MAIL FROM:<address>"))
        size = path.parameters.get("SIZE", "0")
        if not (size.isascii() and size.isdigit() and len(size) <= MAX_SIZE_DIGITS):
            return answer(InvalidRequestError("SIZE is a number of bytes"))
        if int(size) > self.settings.max_message_bytes:
            return answer(MessageTooLargeError(f"the limit is {self.settings.max_message_bytes} bytes"))
        if refusal := self._no_room():
            return refusal
        self.envelope.mail_from = path.address
        return "250 2.1.0 sender ok"

    def _no_room(self) -> str | None:
        try:
            self.door.check_room()
        except Exception as error:  # noqa: BLE001 - a disk that cannot be asked is our own trouble too
            self.door.events.refused(self.peer, Refusal.NO_ROOM)
            return answer(error)
        return None

    def _rcpt_out_of_turn(self) -> str | None:
        if self.envelope.mail_from is None:
            return "503 5.5.1 say MAIL first"
        if len(self.envelope.rcpt_tos) >= self.settings.max_recipients:
            self.door.events.refused(self.peer, Refusal.TOO_MANY_RECIPIENTS)
            return "452 4.5.3 too many recipients in one mail, send the rest in another"
        return None

    def _take_recipient(self, argument: str) -> str:
        path = read_path(argument, "TO:")
        if path is None or not path.address:
            return "501 5.1.3 Syntax: RCPT TO:<address>"
        refusal = self._recipient_refused(path)
        if refusal:
            self.door.events.refused(self.peer, Refusal.RECIPIENT)
            return refusal
        self.envelope.rcpt_tos.append(path.address)
        self.envelope.orcpt.append(original_recipient(path.parameters.get("ORCPT", "")))
        return "250 2.1.5 recipient ok"

    def _recipient_refused(self, path: Path) -> str | None:
        if not path.domain:
            # RFC 5321, 4.5.1: <postmaster> alone needs no domain.
            return None if path.address.lower() == "postmaster" else "553 5.1.3 the address has no domain"
        try:
            self.door.accept_recipient(path.address)
        except Exception as error:  # noqa: BLE001 - our own trouble is 451, never a bounce
            return answer(error)
        return None

    def _data_out_of_turn(self, argument: str) -> str | None:
        if argument:
            return "501 5.5.4 Syntax: DATA"
        if self.envelope.mail_from is None:
            return "503 5.5.1 say MAIL first"
        if not self.envelope.rcpt_tos:
            return "554 5.5.1 no valid recipients"
        return None

    async def _receive(self) -> None:
        mail = MailData(
            max_bytes=self.settings.max_message_bytes,
            max_line_bytes=self.settings.max_line_bytes,
            room=self.crowd.room,
        )
        try:
            self.crowd.sending(self)
            await self.wire.mail(mail)
            self.crowd.busy(self)
            if mail.endless:
                return self.hang_up("552 5.3.4 mail without an end", Refusal.ENDLESS)
            reply = await self.crowd.finish(self._store(mail, self._finished_envelope()))
        finally:
            mail.release()
        self.forget_mail()
        if reply.startswith("2"):
            self.start_afresh()
        return await self.push(reply)

    def _finished_envelope(self) -> Envelope:
        assert self.session  # noqa: S101 - there from the first byte on
        return Envelope(
            mail_from=self.envelope.mail_from or "",
            rcpt_to=tuple(self.envelope.rcpt_tos),
            orcpt=tuple(self.envelope.orcpt),
            helo=self.session.host_name or "",
            peer=self.peer,
            login=self.login.name if self.login else "",
            login_only=self.login.only if self.login else (),
        )

    async def _store(self, mail: MailData, envelope: Envelope) -> str:
        trace_id, began = self.door.new_trace(), self.loop.time()
        try:
            raw = mail.take()
            await self.door.deliver(
                InboundMessage(
                    channel=Channel.EMAIL,
                    door="smtp",
                    received_at=self.door.now(),
                    trace_id=trace_id,
                    envelope=envelope,
                    raw=raw,
                )
            )
        except Exception as error:  # noqa: BLE001 - our own trouble is 451, never a bounce
            return self._not_stored(error, trace_id)
        self.door.events.stored(self.peer, trace_id, len(raw), self.loop.time() - began)
        return f"250 2.0.0 stored {trace_id}"

    def _not_stored(self, error: Exception, trace_id: str) -> str:
        reply = answer(error, trace_id)
        if reply.startswith("5"):
            self.door.events.refused(self.peer, Refusal.MAIL, trace_id)
        else:
            self.door.events.refused(self.peer, Refusal.MAIL_LATER, trace_id)
            self.door.events.failed(self.peer, type(error).__name__, trace_id)
        return reply
