"""TLS, from the first byte or by STARTTLS (RFC 3207), and AUTH under it (RFC 4954)."""

import asyncio
from base64 import b64decode
from ssl import SSLContext

from gateway.smtp.conversation import Conversation
from gateway.smtp.door import Login
from gateway.smtp.events import Refusal
from gateway.smtp.replies import answer

HANDSHAKE_SECONDS = 30.0
USERNAME_PROMPT = "334 VXNlcm5hbWU6"
PASSWORD_PROMPT = "334 UGFzc3dvcmQ6"  # noqa: S105 - base64 of "Password:", what every client expects


class SecureConversation(Conversation):
    """A connection that can be encrypted and logged in to."""

    login: Login | None = None
    """The API key, after AUTH."""

    def security_offers(self) -> list[str]:
        """The EHLO words for what is possible now."""
        if not self.encrypted:
            return ["STARTTLS"] if self.door.tls else []
        return ["AUTH PLAIN LOGIN"] if self.door.authenticate else []

    async def greet(self) -> None:
        """Encrypts first where that is the port's custom (RFC 8314, 3.3)."""
        if self.port.implicit_tls:
            await self._encrypt(self._context())
        await super().greet()

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds commands by name
        """Encrypts; what was said before, or sent along in plain text, is forgotten (RFC 3207, 4.2)."""
        if refusal := self._starttls_refused(arg):
            return await self.push(refusal)
        try:
            context = self._context()
        except Exception as error:  # noqa: BLE001 - a certificate that cannot be read is our own trouble
            self.door.events.failed(self.peer, type(error).__name__)
            return await self.push("454 4.7.0 no TLS at the moment")
        await self.push("220 2.0.0 go ahead")
        return await self._encrypt(context)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Logs in with an API key, under TLS only (FACTS 8)."""
        mechanism, _, initial = arg.partition(" ")
        if refusal := self._auth_refused(mechanism.upper()):
            return await self.push(refusal)
        try:
            credentials = await self._credentials(mechanism.upper(), initial.strip())
        except ValueError:  # binascii.Error and UnicodeDecodeError are ValueErrors
            return await self.push("501 5.5.2 not base64 of what the mechanism asks for")
        if credentials is None:
            return await self.push("501 5.7.0 cancelled")
        return await self.push(self._log_in(*credentials))

    async def login_ended(self) -> str | None:
        """The refusal of a login whose key has ended since; None where it is good, or nobody logged in."""
        if self.login is None:
            return None
        try:
            if await asyncio.to_thread(self.login.is_good):
                return None
        except Exception as error:  # noqa: BLE001 - our own trouble is temporary
            return answer(error)
        self.door.events.refused(self.peer, Refusal.LOGIN)
        return "535 5.7.8 this API key was revoked or has expired"

    def _context(self) -> SSLContext:
        assert self.door.tls  # noqa: S101 - the callers have looked
        return self.door.tls()

    async def _encrypt(self, context: SSLContext) -> None:
        self.in_handshake = True
        self.crowd.idle(self)
        try:
            await self._writer.start_tls(context, ssl_handshake_timeout=HANDSHAKE_SECONDS)
        except OSError:
            self.door.events.refused(self.peer, Refusal.TLS_FAILED)
            raise
        finally:
            self.in_handshake = False
            self.crowd.busy(self)
        self.transport = self._writer.transport
        self.wire.forget()
        self.forget_mail()
        assert self.session  # noqa: S101 - there from the first byte on
        self.session.host_name = None

    def _starttls_refused(self, argument: str) -> str | None:
        if not self.door.tls:
            return "502 5.5.1 no TLS here"
        if argument:
            return "501 5.5.4 Syntax: STARTTLS"
        return "503 5.5.1 TLS is on already" if self.encrypted else None

    def _auth_refused(self, mechanism: str) -> str | None:
        checks = (
            (not self.door.authenticate, "502 5.5.1 no login here"),
            (not self.encrypted, "538 5.7.11 say STARTTLS first"),
            (bool(self.login), "503 5.5.1 logged in already"),
            (self._in_transaction(), "503 5.5.1 not within a mail"),
            (mechanism not in {"PLAIN", "LOGIN"}, "504 5.5.4 AUTH PLAIN or AUTH LOGIN"),
        )
        return next((reply for refused, reply in checks if refused), None)

    def _in_transaction(self) -> bool:
        return self.envelope is not None and self.envelope.mail_from is not None

    async def _credentials(self, mechanism: str, initial: str) -> tuple[str, str] | None:
        """User name and password, or None if the client cancelled."""
        first = initial or await self._ask("334 " if mechanism == "PLAIN" else USERNAME_PROMPT)
        second = "" if mechanism == "PLAIN" or first == "*" else await self._ask(PASSWORD_PROMPT)
        if "*" in {first, second}:
            return None
        if mechanism == "LOGIN":
            return _decoded(first), _decoded(second)
        _, user, password = _decoded(first).split("\0")
        return user, password

    async def _ask(self, prompt: str) -> str:
        await self.push(prompt)
        return (await self.wire.line()).decode("ascii").strip()

    def _log_in(self, user: str, password: str) -> str:
        assert self.door.authenticate  # noqa: S101 - the caller has looked
        try:
            login = self.door.authenticate(user, password)
        except Exception as error:  # noqa: BLE001 - our own trouble is temporary
            return answer(error)
        if login is None:
            self.door.events.refused(self.peer, Refusal.LOGIN)
            return "535 5.7.8 user name or password is wrong"
        self.login = login
        return "235 2.7.0 logged in"


def _decoded(text: str) -> str:
    return "" if text == "=" else b64decode(text, validate=True).decode()
