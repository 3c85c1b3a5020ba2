"""DNS answers are kept, and no answer is not an answer. The server is `nameserver` below, over UDP."""

import socket
import threading
import time
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.rrset
import pytest

from core.signatures import DnsError
from gateway.dns import Resolver


class Clock:
    """Seconds, as the test sets them."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def port() -> Iterator[int]:
    """A UDP server: `key.*` has a record in two strings, `silent.*` never answers, `two.*` has two records."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while (received := server.recvfrom(4096))[0] != b"stop":
            query = dns.message.from_wire(received[0])
            answer = dns.message.make_response(query)
            name = query.question[0].name
            first = name.labels[0]
            if first in {b"key", b"two"}:
                records = ['"v=DKIM1; " "p=AAAA"', '"another"'][: 2 if first == b"two" else 1]
                answer.answer.append(dns.rrset.from_text(name, 600, "IN", "TXT", *records))
            elif first == b"broken":
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif first != b"empty":
                answer.set_rcode(dns.rcode.NXDOMAIN)
            if first != b"silent":
                server.sendto(answer.to_wire(), received[1])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    number: int = server.getsockname()[1]
    yield number
    server.sendto(b"stop", ("127.0.0.1", number))
    thread.join(timeout=5)
    server.close()


def resolver(port: int, clock: Clock | None = None) -> Resolver:
    return Resolver(nameservers=["127.0.0.1"], port=port, timeout=20, clock=clock or Clock())


def test_the_strings_of_a_record_are_joined(port: int) -> None:
    assert resolver(port).txt("key.example.") == b"v=DKIM1; p=AAAA"


@pytest.mark.parametrize("name", ["missing.example", "empty.example", "two.example"])
def test_no_record_or_several_is_nothing(port: int, name: str) -> None:
    assert resolver(port).txt(name) == b""


@pytest.mark.parametrize("name", ["silent.example", "broken.example", "a" * 80 + ".example", "\ud800.example"])
def test_no_answer_is_an_error(port: int, name: str) -> None:
    before = time.monotonic()
    with pytest.raises(DnsError):
        resolver(port).txt(name, lifetime=0.2)
    assert time.monotonic() - before < 10


def test_an_answer_is_kept_for_its_time_to_live(port: int) -> None:
    clock = Clock()
    asking = resolver(port, clock)
    assert asking.txt("key.example")
    asking._resolver.nameservers = ["127.0.0.2"]  # noqa: SLF001 - nobody listens there: only what was kept can answer
    clock.now = 599
    assert asking.txt("KEY.example.")
    clock.now = 601
    with pytest.raises(DnsError):
        asking.txt("key.example", lifetime=0.2)


def test_all_questions_of_one_mail_share_their_time(port: int) -> None:
    clock = Clock()
    txt = resolver(port, clock).within(15)
    assert txt("key.example")
    clock.now = 16
    assert txt("key.example")
    with pytest.raises(DnsError, match="no time"):
        txt("key.other.example")
