"""A real DNS server on loopback, and mails signed for real."""

import base64
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import dkim
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from dkim.canonicalization import Relaxed
from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

from core.message import Envelope
from core.trust import TrustPolicy, Vouched, prove, vouch
from gateway.dns import Resolver

HERE = Path(__file__).parent
NOW = datetime.now(UTC).replace(microsecond=0)


class NameServer:
    """Answers TXT questions over UDP from `records`; never answers for names in `silent`."""

    def __init__(self) -> None:
        self.records: dict[str, str] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            wire, peer = self._socket.recvfrom(4096)
            if wire == b"stop":
                return
            answer = self._answer(dns.message.from_wire(wire))
            if answer is not None:
                self._socket.sendto(answer.to_wire(), peer)

    def _answer(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name = str(question.name).rstrip(".").lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            text = self.records[name]
            parts = " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", "TXT", parts))
        return answer

    def stop(self) -> None:
        """End the thread and free the port."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"stop", ("127.0.0.1", self.port))
        self._thread.join(timeout=5)
        self._socket.close()


@pytest.fixture
def nameserver() -> Iterator[NameServer]:
    server = NameServer()
    public = (HERE / "signing-key.pub").read_text().strip()
    for domain in ("bank.example", "mail.bank.example", "evil.example", "forwarder.example", "seal.example"):
        server.records[f"s1._domainkey.{domain}"] = f"v=DKIM1; k=rsa; p={public}"
    yield server
    server.stop()


@pytest.fixture
def resolver(nameserver: NameServer) -> Resolver:
    return Resolver(nameservers=["127.0.0.1"], port=nameserver.port, timeout=2)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def judge(resolver: Resolver, now: datetime) -> Callable[..., Vouched]:
    """A function that says what vouches for a mail, for those names, at that time."""

    def judged(raw: bytes, *, names: tuple[str, ...] = ("alice@example.com",), at: datetime = now) -> Vouched:
        proof = prove(raw, Envelope(), policy=TrustPolicy(), now=at, txt=resolver.txt)
        return vouch(proof, identity_source="rcpt", names=names)

    return judged


Compose = Callable[..., bytes]


@pytest.fixture
def compose() -> Compose:
    """A function that writes an OTP mail, unsigned; any header can be replaced, or left out with ""."""

    def write(body: str = "Your code is 482913.\r\n", *, late: timedelta = timedelta(), **headers: str) -> bytes:
        fields = {
            "From": "Bank <no-reply@bank.example>",
            "To": "alice@example.com",
            "Subject": "Your sign-in code",
            "Date": format_datetime(NOW - late),
            "Message-ID": "<1@bank.example>",
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
        }
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        return f"{head}\r\n{body}".encode()

    return write


Sign = Callable[..., bytes]


@pytest.fixture
def sign() -> Sign:
    """A function that signs a mail with dkimpy and puts the signature on top."""
    key = (HERE / "signing-key.pem").read_bytes()

    def signed(
        raw: bytes, domain: str = "bank.example", *, include: tuple[bytes, ...] | None = None, length: bool = False
    ) -> bytes:
        present = {line.partition(b":")[0].lower() for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        usual = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")
        names = [name for name in (usual if include is None else include) if name in present]
        header: bytes = dkim.sign(raw, b"s1", domain.encode(), key, include_headers=names, length=length)
        return header + raw

    return signed


def _rsa(text: bytes) -> str:
    key = parse_pem_private_key((HERE / "signing-key.pem").read_bytes())
    return base64.b64encode(RSASSA_PKCS1_v1_5_sign(hashlib.sha256(text), key)).decode()


def _relaxed(fields: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name + b":" + value for name, value in Relaxed.canonicalize_headers(fields))


def _message_signature(raw: bytes, name: str, start: str) -> str:
    """A header of that name which signs body and usual headers: what DKIM and ARC have in common."""
    head, _, body = raw.partition(b"\r\n\r\n")
    present = {line.partition(b":")[0].lower(): line.partition(b":")[2] for line in head.split(b"\r\n")}
    order = (b"from", b"to", b"subject", b"date", b"content-type")
    bodyhash = base64.b64encode(hashlib.sha256(Relaxed.canonicalize_body(body)).digest()).decode()
    value = f"{start}; c=relaxed/relaxed; s=s1; h={b':'.join(order).decode()}; bh={bodyhash}; b="
    signed = _relaxed([(it, present[it] + b"\r\n") for it in order])
    return value + _rsa(signed + f"{name.lower()}:{value}".encode())


@pytest.fixture
def sign_with_tags(compose: Compose) -> Callable[[str], bytes]:
    """A function that signs the usual mail with more tags in the signature: dkimpy signs none but the usual."""

    def signed(tags: str) -> bytes:
        value = _message_signature(compose(), "DKIM-Signature", f"v=1; a=rsa-sha256; d=bank.example; {tags}")
        return f"DKIM-Signature: {value}\r\n".encode() + compose()

    return signed


@pytest.fixture
def seal() -> Callable[..., bytes]:
    """A function that puts an ARC set (RFC 8617) on a mail, as a forwarder does."""

    def sealed(raw: bytes, domain: str = "seal.example") -> bytes:
        results = "i=1; seal.example; dkim=pass"
        message = _message_signature(raw, "ARC-Message-Signature", f"i=1; a=rsa-sha256; d={domain}")
        start = f"i=1; a=rsa-sha256; cv=none; d={domain}; s=s1; t=1700000000; b="
        covered = [
            (b"ARC-Authentication-Results", f" {results}\r\n".encode()),
            (b"ARC-Message-Signature", f" {message}\r\n".encode()),
        ]
        seal = start + _rsa(_relaxed(covered) + f"arc-seal:{start}".encode())
        head = f"ARC-Seal: {seal}\r\nARC-Message-Signature: {message}\r\nARC-Authentication-Results: {results}\r\n"
        return head.encode() + raw

    return sealed
