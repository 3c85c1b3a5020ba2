"""One connection: reads commands, bounds them, and ends it in one place (FACTS 3, 5, 8)."""

# Long: how a connection lives and how it ends is easier to trust when it is read in one place.
import asyncio
from contextlib import suppress
from typing import ClassVar

from aiosmtpd.smtp import SMTP

from gateway.addresses import plain_address
from gateway.smtp.crowd import STOPPING, Crowd
from gateway.smtp.door import SmtpDoor
from gateway.smtp.events import Refusal
from gateway.smtp.limits import SmtpSettings
from gateway.smtp.patience import Patience
from gateway.smtp.port import Port
from gateway.smtp.proxy import read_header
from gateway.smtp.replies import answer
from gateway.smtp.wire import LineTooLongError, Wire

PROXY_SECONDS = 10.0
HTTP_VERBS = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "CONNECT", "PRI"})


class Conversation(SMTP):
    """A connection to an SMTP client; aiosmtpd keeps session, envelope and time-out, the commands come below.

    aiosmtpd's own loop is replaced: it has no bound on lines, junk or connections, loses mail that a
    peer half-closes after, and logs what peers say.
    """

    _commands: ClassVar[list[str]]

    def __init_subclass__(cls) -> None:
        cls._commands = [name for name in dir(cls) if name.startswith("smtp_")]

    def __init__(self, *, settings: SmtpSettings, door: SmtpDoor, crowd: Crowd, port: Port) -> None:
        super().__init__(
            None,
            data_size_limit=settings.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname=settings.name,
            timeout=settings.idle_seconds,
            loop=asyncio.get_running_loop(),
        )
        self.settings = settings
        self.door = door
        self.crowd = crowd
        self.port = port
        self.peer = ""
        self._let_in = False
        self.wire = Wire(max_line=settings.max_command_bytes, resume=self._resume)
        self._deadline: asyncio.TimerHandle | None = None
        self._patience = Patience(settings)
        self._over = False
        self._discarded = 0
        self.in_handshake = False

    def __dir__(self) -> list[str]:
        # aiosmtpd looks through all names of each connection for commands: 0.15 ms, a fifth of its life.
        return self._commands

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Notes who it is and starts the conversation."""
        name = transport.get_extra_info("peername")
        self.peer = plain_address(name[0]) if name else ""
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Takes bytes; makes a peer wait that sends commands faster than it reads answers."""
        if self._over:
            return self._discard(len(data))
        self.wire.feed(data)
        if self.wire.in_mail:
            self._reset_timeout()
        elif self.wire.full:
            self._transport_now().pause_reading()
        return None

    def eof_received(self) -> bool:
        """Half a close: what came is still read and answered, which TLS does not allow for."""
        self.wire.end()
        return not (self._over or self.encrypted)

    @property
    def encrypted(self) -> bool:
        """TLS protects the connection."""
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    async def push(self, status: str | bytes) -> None:
        """Sends an answer; one error too many is answered 421 instead, and ends the connection."""
        text = status if isinstance(status, str) else status.decode()
        if self._over:
            return
        self._patience.answered(text)
        if reason := self._patience.lost:
            self.hang_up(f"421 4.7.0 {reason}", reason, linger=True)
        elif text.startswith("421"):
            self.hang_up(text)
        else:
            await super().push(text)

    def forget_mail(self) -> None:
        """Ends the mail transaction."""
        self.envelope = self._create_envelope()

    def hang_up(self, reply: str, reason: Refusal | None = None, *, linger: bool = False) -> None:
        """Says a last word and ends the connection.

        `linger` where more is on its way: closing on that would reset the connection, and the word be lost.
        """
        if self._over or self.transport is None:
            return
        if reason:
            self.door.events.refused(self.peer, reason)
        if self.in_handshake:
            self.cut()
        else:
            self._over = True
            self._last_word(reply, linger=linger and not self.wire.ended)
            self.wire.end()

    def cut(self) -> None:
        """Ends the connection at once."""
        self._over = True
        if self.in_handshake and self._handler_coroutine:
            # Closing beneath a handshake makes asyncio's start_tls return a transport that is None.
            self._handler_coroutine.cancel()
        elif self.transport is not None:
            self._transport_now().abort()

    def start_afresh(self) -> None:
        """Forgets errors, junk and the time spent: a mail was accepted."""
        self._patience.renew()
        if self._deadline:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(self.settings.session_seconds, self._timeout_cb)

    async def handle_exception(self, error: Exception) -> str:
        """The answer to an exception that nobody expected: 451, without a word about it (FACTS 1)."""
        self.door.events.failed(self.peer, type(error).__name__)
        return answer(error)

    async def greet(self) -> None:
        """Says the first word."""
        await self.push(f"220 {self.hostname} ESMTP otpgate")

    def _last_word(self, reply: str, *, linger: bool) -> None:
        transport = self._transport_now()
        transport.write(reply.encode() + b"\r\n")
        if linger and transport.can_write_eof():
            transport.resume_reading()
            with suppress(OSError):  # a peer that has gone already
                transport.write_eof()
        else:
            transport.close()
        self._abort_later()

    def _discard(self, size: int) -> None:
        """Waits for the last word to be read, but not for a flood."""
        self._discarded += size
        if self._discarded > self.settings.max_discarded_bytes and self.transport is not None:
            self._transport_now().abort()

    def _abort_later(self) -> None:
        # A transport whose peer does not read would stay open for ever.
        self.loop.call_later(self.settings.linger_seconds, self._transport_now().abort)

    async def _handle_client(self) -> None:
        try:
            with suppress(OSError, EOFError):  # the peer is gone, or we hung up
                await self._attend()
            if self._over:
                await asyncio.sleep(self.settings.linger_seconds)  # until the peer closes, which cancels
        finally:
            self._leave()

    async def _attend(self) -> None:
        if self.port.balancers and not await self._learn_peer():
            self.door.events.refused(self.peer, Refusal.NO_BALANCER)
            return self.cut()
        if refusal := self.crowd.enter(self):
            return self.hang_up(f"421 4.3.2 {refusal}, try again later", refusal)
        self._let_in = True
        self.door.events.connected(self.peer)
        self.start_afresh()
        return await self._converse()

    async def _learn_peer(self) -> bool:
        if not self.port.lists(self.peer):
            return False
        self._reset_timeout(PROXY_SECONDS)
        try:
            self.peer = await self.wire.take(read_header) or self.peer
        except ValueError:
            return False
        self._reset_timeout()
        return True

    async def _converse(self) -> None:
        await self.greet()
        while not self._over:
            if self.crowd.closing:
                return self.hang_up(STOPPING, Refusal.STOPPING)
            try:
                line = await self._next_line()
            except LineTooLongError:
                return self.hang_up("421 4.7.0 line too long", Refusal.LINE_TOO_LONG, linger=True)
            await self._obey(line.decode("utf-8", "replace"))
        return None

    async def _next_line(self) -> bytes:
        self.crowd.idle(self)
        try:
            return await self.wire.line()
        finally:
            self.crowd.busy(self)

    async def _obey(self, line: str) -> None:
        verb, _, argument = line.strip().partition(" ")
        verb = verb.upper()
        if verb in HTTP_VERBS:
            # What a browser was made to send here could hold SMTP commands further down.
            return self.hang_up("421 4.7.0 this is SMTP", Refusal.NOT_SMTP, linger=True)
        command = self._smtp_methods.get(verb)
        if command is None:
            return await self.push("500 5.5.1 no such command")
        self._patience.asked(verb)
        self._reset_timeout()
        try:
            await command(argument.strip())
        except (OSError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the peer hears 451 and may try again
            await self.push(await self.handle_exception(error))
        return None

    def _resume(self) -> None:
        if self.transport is not None:
            self._transport_now().resume_reading()

    def _timeout_cb(self) -> None:
        self.hang_up("421 4.4.2 timed out", Refusal.TOO_SLOW, linger=True)

    def _leave(self) -> None:
        for timer in (self._deadline, self._timeout_handle):
            if timer:
                timer.cancel()
        self.crowd.leave(self)
        if self._let_in:
            self.door.events.disconnected(self.peer)
        if self.transport is not None and not self._over:
            self._transport_now().close()
            self._abort_later()

    def _transport_now(self) -> asyncio.Transport:
        transport = self.transport
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - aiosmtpd types it more widely
        return transport
