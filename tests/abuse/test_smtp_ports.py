"""Attacks on TLS, on logins and on the header of load balancers."""

import base64
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.abuse.attacking import Under, deliver, letter, ports, stored
from tests.peers import Peer, make_certificate
from tests.running import ROOT, Gateway

Dial = Callable[..., Peer]
See = Callable[[str], None]
PLAIN, TLS, BALANCED = range(3)


def test_starttls_injection(secure: Gateway, peer: Dial, see: See) -> None:
    """What was sent in plain text behind STARTTLS is forgotten; a second STARTTLS is 503."""
    one = peer(secure).greet()
    one.send(b"STARTTLS\r\nMAIL FROM:<injected@site.example>\r\n")
    assert one.reply().startswith("220 ")
    one.encrypt()
    assert one.say("EHLO client.example").startswith("250 ")
    mail, again = one.say("MAIL FROM:<a@site.example>"), one.say("STARTTLS")
    see(f"MAIL after it: {mail[:3]}; again: {again[:3]}")
    assert (mail[:3], again[:3]) == ("250", "503")


@pytest.mark.parametrize("door", [PLAIN, TLS], ids=["after STARTTLS", "TLS port"])
def test_garbage_for_a_handshake(secure: Gateway, peer: Dial, see: See, door: int) -> None:
    """Closed without a word, and others are served."""
    one = peer(secure, door=door)
    if door == PLAIN:
        assert one.greet().say("STARTTLS").startswith("220 ")
    one.send(b"GET / HTTP/1.1\r\n" * 20)
    said = one.rest()
    see(f"{len(re.findall(rb'[ -~]{4,}', said))} lines of text")
    assert not re.search(rb"[ -~]{4,}", said)
    assert deliver(secure, letter("otp@example.com", "hello")).startswith("250 ")


def test_a_new_certificate_on_disk(
    secure: Gateway, certificate: tuple[Path, Path], see: See, tmp_path: Path
) -> None:
    """The next handshake shows it, on the TLS port and by STARTTLS; half a renewal changes nothing."""
    shown = [_certificate_of(secure)]
    certificate[0].write_text("half a renewal")
    shown.append(_certificate_of(secure))
    for new, old in zip(make_certificate(tmp_path, "gw.example"), certificate, strict=True):
        old.write_bytes(new.read_bytes())
    shown.append(_certificate_of(secure))
    see(f"{len(set(shown))} certificates in three handshakes")
    assert shown[0] == shown[1] != shown[2]


def _certificate_of(gateway: Gateway) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(ports(gateway)[TLS], 5) as plain,
        context.wrap_socket(plain) as encrypted,
    ):
        return encrypted.getpeercert(binary_form=True) or b""


def test_require_tls(under: Under, certificate: tuple[Path, Path], peer: Dial, see: See) -> None:
    """530 before STARTTLS, 250 after."""
    gateway = under.attack(
        smtp=f'require_tls = true\ncertificate = "{certificate[0]}"\ncertificate_key = "{certificate[1]}"\n'
    )
    one = peer(gateway).greet()
    before = one.say("MAIL FROM:<>")
    one.starttls().say("EHLO a")
    after = one.say("MAIL FROM:<>")
    see(f"{before[:3]}, {after[:3]}")
    assert (before[:3], after[:3]) == ("530", "250")


def test_logins(secure: Gateway, peer: Dial, see: See, someone: str) -> None:
    """Plain text 538; no key, a revoked one, one without scope push 535; a key with it 235, and route key."""
    right, other = secure.new_key("push"), secure.new_key("read")
    revoked = secure.new_key("push")
    assert secure.api.delete(f"/v1/keys/{revoked.split('_')[1]}").status_code == 204
    one = peer(secure).greet()
    answers = [one.say(login("anyone", right))]
    one.starttls().say("EHLO a")
    answers += [one.say(login("anyone", key)) for key in ("wrong", revoked, other, right)]
    see(", ".join(answer[:3] for answer in answers))
    assert [answer[:3] for answer in answers] == ["538", "535", "535", "535", "235"]
    assert one.mail(letter(someone)).startswith("250 ")
    assert stored(secure, someone)[0]["route"] == "key"


def test_a_login_with_somebody_elses_key(secure: Gateway, peer: Dial, see: See, someone: str) -> None:
    """A key for some identifiers vouches for mails to those alone: to any other they came open, by the door."""
    theirs, routes = f"their.{someone}", []
    for who in (theirs, someone):
        one = peer(secure).greet().starttls()
        one.say("EHLO a")
        assert one.say(login("anyone", secure.new_key("push", only=(theirs,)))).startswith("235 ")
        assert one.mail(letter(who)).startswith("250 ")
        routes.append(stored(secure, who)[0]["route"])
    came = [_via(secure, who) for who in (theirs, someone)]
    see(", ".join(routes))
    assert routes == ["key", "open"]
    assert came == ["test", "smtp"]


def _via(gateway: Gateway, identifier: str) -> str:
    """By what the journal says that a message for that identifier came."""
    end = time.monotonic() + 60
    while True:  # its output is read by a thread
        for line in [line for line in gateway.lines if '"message_stored"' in line]:
            event = json.loads(line)
            if event["identifier"] == identifier:
                return str(event["via"])
        assert time.monotonic() < end, "each message that is stored is in the journal"
        time.sleep(0.02)


def test_a_key_that_ends_within_a_session(secure: Gateway, peer: Dial, see: See) -> None:
    """Its next mail is 535, at MAIL as at DATA."""
    key = secure.new_key("push")
    one, two = (peer(secure).greet().starttls() for _ in range(2))
    for session in (one, two):
        session.say("EHLO a")
        assert session.say(login("anyone", key)).startswith("235 ")
    assert two.say("MAIL FROM:<a@site.example>").startswith("250 ")
    assert two.say("RCPT TO:<otp@gw.example>").startswith("250 ")
    assert secure.api.delete(f"/v1/keys/{key.split('_')[1]}").status_code == 204
    answers = [one.say("MAIL FROM:<a@site.example>"), two.say("DATA")]
    see(", ".join(answer[:3] for answer in answers))
    assert [answer[:3] for answer in answers] == ["535", "535"]


def login(user: str, password: str) -> str:
    return "AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


@pytest.mark.parametrize("version", [1, 2])
def test_balancers(secure: Gateway, peer: Dial, see: See, version: int) -> None:
    """A listed balancer names the client; anybody else who writes the header is cut without a word."""
    addresses = socket.inet_aton("192.0.2.7") + socket.inet_aton("127.0.0.1") + bytes.fromhex("10e1 0019")
    binary = b"\r\n\r\n\0\r\nQUIT\n" + bytes.fromhex("21 11 000c") + addresses
    header = b"PROXY TCP4 192.0.2.7 127.0.0.1 4321 25\r\n" if version == 1 else binary
    listed, other = peer(secure, source="127.0.0.9", door=BALANCED), peer(secure, door=BALANCED)
    listed.send(header)
    other.send(header)
    banner, silence = listed.reply(), other.rest()
    see(f"{banner[:3]}, {silence!r}")
    assert banner.startswith("220 ")
    assert silence == b""
    end = time.monotonic() + 60
    while not any("192.0.2.7" in line for line in secure.lines):  # its output is read by a thread
        assert time.monotonic() < end, "the client's address is the one that counts"
        time.sleep(0.02)


def test_a_proxy_header_elsewhere(secure: Gateway, peer: Dial, see: See) -> None:
    """On any other port it is an unknown command: 500."""
    one = peer(secure)
    one.send(b"PROXY TCP4 192.0.2.7 127.0.0.1 4321 25\r\n")
    one.reply()
    answer = one.reply()
    see(answer[:9])
    assert answer.startswith("500 5.5.1")


def test_ipv6(under: Under, peer: Dial, see: See) -> None:
    """Mail is taken over IPv6 as well."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no IPv6")
    gateway = under.attack(smtp='listen = "[::1]:0"\n')
    answer = peer(gateway, source="::1").greet().mail()
    see(f"{answer[:3]} at {gateway.smtp[0]}")
    assert answer.startswith("250 ")


def test_an_open_port_without_decisions(see: See, tmp_path: Path) -> None:
    """`serve` exits 78 and names each decision that is missing."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("OTPGATE_")}
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve", "--data-dir", str(tmp_path)],
        cwd=ROOT,
        env=environment | {"OTPGATE_SMTP__TLS_LISTEN": "0.0.0.0:0"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    missing = re.findall(r"(smtp\.domains|identifiers\.accept_unknown|trust\.minimum|http\.proxies):", done.stderr)
    see(f"{done.returncode}: {', '.join(missing)}")
    assert done.returncode == 78
    assert len(missing) == 4
