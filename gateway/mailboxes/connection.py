"""One connection to a mail server: what of IMAP (RFC 3501) a reader of new mail needs."""

import asyncio
import base64
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from core.exposure import is_loopback
from core.store import Mailbox, ReadUpTo
from gateway.mailboxes.errors import LostError, ShutOutError
from gateway.mailboxes.grammar import MONTHS, Login, bearing, folder_name, moment, number, quoted, refusal
from gateway.mailboxes.transport import PATIENCE, connect, start_tls
from gateway.mailboxes.wire import Reader, Response, fetched


@dataclass(frozen=True, kw_only=True)
class Folder:
    """What a selected folder holds."""

    uid_validity: int
    uid_next: int
    exists: int


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message of a folder, not yet fetched."""

    uid: int
    at: datetime | None
    """When the server took it in (INTERNALDATE), by its own clock."""


class Connection:
    """A connection that is open; every method raises LostError, ThrottledError or ShutOutError."""

    def __init__(self, mailbox: Mailbox, fetch_bytes: int) -> None:
        self._mailbox, self._bytes = mailbox, fetch_bytes
        self._count = 0
        self.capabilities: frozenset[bytes] = frozenset()
        """What the server can do, in upper case."""
        self._exists, self._stirred = 0, False

    @property
    def idles(self) -> bool:
        """Whether the server tells by itself what arrives (RFC 2177)."""
        return b"IDLE" in self.capabilities

    async def open(self, tls: ssl.SSLContext) -> None:
        """Connect, encrypt, and read what the server can do."""
        box = self._mailbox
        if box.security == "plain" and not is_loopback(box.host):
            raise ShutOutError("plain text", "mail in plain text is fetched on this machine only: use TLS")
        stream = await connect(box.host, box.port, tls if box.security == "tls" else None)
        self._reader, self._writer = Reader(stream[0], self._bytes), stream[1]
        greeting = (await self._response()).status
        if greeting is None or greeting.word != b"OK":  # PREAUTH would keep STARTTLS away (RFC 9051, 7.1.4)
            raise refusal(greeting, "greeting")
        if box.security == "starttls":
            await self._command(b"STARTTLS", purpose="starttls")
            await start_tls(stream, box.host, tls)
        await self._ask_capabilities()

    async def log_in(self, login: Login) -> None:
        """Log in; raises ShutOutError when the server does not accept it."""
        if login.token:
            bearer = b"AUTH=OAUTHBEARER" in self.capabilities
            await self._authenticate(b"OAUTHBEARER" if bearer else b"XOAUTH2", bearing(login, bearer=bearer))
        elif b"AUTH=PLAIN" in self.capabilities:
            await self._authenticate(b"PLAIN", f"\0{login.name}\0{login.password}".encode())
        elif b"LOGINDISABLED" in self.capabilities or not (login.name + login.password).isascii():
            raise ShutOutError("no password login", "this server takes no passwords: add the mailbox with --oauth")
        else:
            await self._command(b"LOGIN %b %b" % (quoted(login.name), quoted(login.password)), purpose="login")
        await self._ask_capabilities()

    async def select(self) -> Folder:
        """Open the folder: so that nothing changes in it, unless messages are to be marked as seen."""
        verb = b"SELECT" if self._mailbox.mark_seen else b"EXAMINE"
        found = await self._command(b"%b %b" % (verb, quoted(folder_name(self._mailbox.folder))), purpose="folder")
        codes = {s.code: s.argument for r in found if (s := r.status)}
        exists = [n for r in found if (n := r.number_of(b"EXISTS")) is not None]
        if not codes.get(b"UIDVALIDITY", b"").isdigit() or not exists:
            raise LostError("nonsense", "the mail server does not say what its folder holds")
        uid_next = int(codes[b"UIDNEXT"]) if codes.get(b"UIDNEXT", b"").isdigit() else 0
        last = 0 if uid_next or not exists[-1] else max(a.uid for a in await self._arrivals(b"*"))
        return Folder(uid_validity=int(codes[b"UIDVALIDITY"]), uid_next=uid_next or last + 1, exists=exists[-1])

    async def after(self, place: ReadUpTo) -> list[Arrival]:
        """What stands behind a place, in order; `n:*` always names the last message, so some are left out."""
        self._stirred = False
        found = await self._arrivals(b"%d:*" % (place.last_uid + 1))
        return [one for one in found if one.uid > place.last_uid]

    async def since(self, day: date) -> list[Arrival]:
        """What the server took in on that day of its own, or later."""
        asked = f"UID SEARCH SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}".encode()
        words = [r.text.split() for r in await self._command(asked)]
        uids = [n for found in words if found[:1] == [b"SEARCH"] for n in found[1:] if n.isdigit()]
        return await self._arrivals(b",".join(uids)) if uids else []

    async def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The first bytes of messages, by UID; a message that is gone is not there."""
        asked = b"UID FETCH %b (UID BODY.PEEK[]<0.%d>)" % (b",".join(b"%d" % uid for uid in uids), self._bytes)
        bodies: dict[int, bytes] = {}
        for items in map(fetched, await self._command(asked)):
            uid, body = number(items.get(b"UID")), items.get(b"BODY[]<0>", items.get(b"BODY[]"))
            if uid in uids and isinstance(body, bytes):
                bodies[uid] = body
        return bodies

    async def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark messages as seen."""
        await self._command(b"UID STORE %b +FLAGS.SILENT (\\Seen)" % b",".join(b"%d" % uid for uid in uids))

    async def wait(self, seconds: float) -> None:
        """Return when something arrived, or after so many seconds; LostError when the server is not there then."""
        if self._stirred:  # it was told beside an answer to something else, and will not be told again
            return
        if not self.idles:
            await asyncio.sleep(seconds)
            return
        tag = await self._send(b"IDLE")
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not await self._idle_ends(tag, until - loop.time()):
            pass
        self._writer.write(b"DONE\r\n")
        await self._answer(tag, "command")

    def close(self) -> None:
        """Say good-bye, and wait for no answer."""
        with suppress(OSError, AttributeError, RuntimeError):
            self._writer.write(b"Z LOGOUT\r\n")
            self._writer.transport.abort()  # what was written is on its way; TLS's own good-bye may take long

    async def _idle_ends(self, tag: bytes, seconds: float) -> bool:
        """Whether the IDLE should end: something arrived, or the time is over."""
        try:
            response = await self._reader.response(max(seconds, 0.01))
        except TimeoutError:
            return True
        status = response.status
        if response.tag == tag or (status and status.word == b"BYE"):
            raise refusal(status, "command")
        return self._grew(response)

    def _grew(self, response: Response) -> bool:
        """Whether a response tells of a message that was not there before (RFC 3501, 7.3.1 and 7.4.1)."""
        self._exists -= response.number_of(b"EXPUNGE") is not None
        exists = response.number_of(b"EXISTS")
        before, self._exists = self._exists, self._exists if exists is None else exists
        return self._exists > before

    async def _arrivals(self, uids: bytes) -> list[Arrival]:
        found = {}
        for items in map(fetched, await self._command(b"UID FETCH %b (UID INTERNALDATE)" % uids)):
            if uid := number(items.get(b"UID")):
                found[uid] = Arrival(uid=uid, at=moment(items.get(b"INTERNALDATE")))
        return [found[uid] for uid in sorted(found)]

    async def _ask_capabilities(self) -> None:
        words = [r.text.upper().split() for r in await self._command(b"CAPABILITY")]
        self.capabilities = frozenset(w for found in words if found[:1] == [b"CAPABILITY"] for w in found[1:])

    async def _authenticate(self, mechanism: bytes, first: bytes) -> None:
        """SASL (RFC 4422): our answer to the first question, nothing to any other."""
        tag = await self._send(b"AUTHENTICATE " + mechanism)
        answers = [first, b"\x01" if mechanism == b"OAUTHBEARER" else b""]  # RFC 7628, 3.2.3: then NO follows
        while (response := await self._response()).tag != tag:
            if response.tag == b"+":
                answer = answers.pop(0) if answers else b"*"
                self._writer.write(base64.b64encode(answer) + b"\r\n" if answer != b"*" else b"*\r\n")
        if response.status is None or response.status.word != b"OK":
            raise refusal(response.status, "login")

    async def _command(self, command: bytes, *, purpose: str = "command") -> list[Response]:
        return await self._answer(await self._send(command), purpose)

    async def _send(self, command: bytes) -> bytes:
        self._count += 1
        tag = b"A%d" % self._count
        self._writer.write(tag + b" " + command + b"\r\n")
        return tag

    async def _answer(self, tag: bytes, purpose: str) -> list[Response]:
        """The data that a command brought, up to its end."""
        found: list[Response] = []
        while (response := await self._response()).tag != tag:
            found.append(response)
            self._stirred |= self._grew(response)
        if response.status is None or response.status.word != b"OK":
            raise refusal(response.status, purpose)
        return found

    async def _response(self) -> Response:
        try:
            return await self._reader.response(PATIENCE)
        except TimeoutError as error:
            raise LostError("silent", "the mail server does not answer") from error


async def opened(mailbox: Mailbox, login: Login, tls: ssl.SSLContext, fetch_bytes: int) -> Connection:
    """A connection that is logged in; raises LostError, ThrottledError, ShutOutError."""
    connection = Connection(mailbox, fetch_bytes)
    try:
        await connection.open(tls)
        await connection.log_in(login)
    except BaseException:
        connection.close()
        raise
    return connection
