"""`otpgate doctor` over a real gateway, and each of its checks over what is truly broken."""

import os
import shutil
import smtplib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from core.settings import Settings
from gateway.cli import checkups, clock_checkup
from gateway.cli.api import Gateway as Api
from gateway.cli.checkups import Finding, State
from tests.conftest import Serve
from tests.peers import make_certificate
from tests.running import ACCOUNT, PUBLIC_URL, ROOT, TOKEN, Gateway

GMAIL = (
    "From: Gmail Team <forwarding-noreply@google.com>\r\nTo: otp@gw.example\r\n"
    "X-Google-Address-Confirmation: x\r\nSubject: Forwarding\r\n\r\n"
    "user@gmail.com wants to forward: https://mail-settings.google.com/mail/vf-%5Bcanary%5D-x\r\n"
)


@pytest.fixture(scope="module")
def running(serve: Serve) -> Gateway:
    """A gateway to look at."""
    return serve()


def settings_of(gateway: Gateway, **sections: Any) -> Settings:
    """The settings that describe a running gateway, with some of them changed."""
    given: dict[str, Any] = {
        "server": {"data_dir": gateway.data_dir, "public_url": PUBLIC_URL},
        "smtp": {"listen": f"{gateway.smtp[0]}:{gateway.smtp[1]}", "domains": ["gw.example"]},
        "http": {"listen": gateway.url.removeprefix("http://")},
    }
    return Settings.model_validate(
        {name: given.get(name, {}) | sections.get(name, {}) for name in {*given, *sections}}
    )


def one(found: Iterator[Finding], what: str) -> Finding:
    return next(finding for finding in found if finding.what == what)


def bad(found: Iterator[Finding], what: str) -> str:
    """What is said of something that is bad."""
    finding = one(found, what)
    assert finding.state is State.BAD, finding.text
    return finding.text


@contextmanager
def listening(answer: bytes) -> Iterator[str]:
    """Another program on a port: it says that to whoever comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(answer)

        thread = threading.Thread(target=serve_one)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


def test_a_healthy_gateway_is_found_healthy(running: Gateway) -> None:
    settings = settings_of(running)
    found = [*checkups.ports(settings), *checkups.disk(settings), *checkups.database(settings)]
    found.append(one(clock_checkup.clock(settings), "clock"))
    assert [(finding.what, finding.state) for finding in found if finding.state is not State.GOOD] == []
    assert {finding.what for finding in found} >= {
        "smtp.listen",
        "http.listen",
        "disk",
        "database",
        "encryption key",
    }


def test_a_port_where_nobody_or_somebody_else_answers(running: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    settings = settings_of(running, smtp={"listen": nobody}, http={"listen": nobody})
    assert "nothing answers" in bad(checkups.ports(settings), "smtp.listen")
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as other:
        assert bad(checkups.ports(settings_of(running, http={"listen": other})), "http.listen")


def test_a_certificate_that_no_sender_would_believe(serve: Serve, tmp_path: Path) -> None:
    file, key = make_certificate(tmp_path, "gw.example")
    gateway = serve(
        f'[smtp]\ndomains = ["gw.example"]\ncertificate = "{file}"\ncertificate_key = "{key}"\n'
        '[log]\nformat = "json"\n'
    )
    settings = settings_of(gateway, smtp={"certificate": str(file), "certificate_key": str(key)})
    assert "not good for gw.example" in bad(checkups.certificate(settings), "TLS gw.example")


@pytest.fixture
def name_server() -> Iterator[dns.resolver.Resolver]:
    """DNS in which `good.example` has a mail exchanger, and nothing else has one."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        while (received := server.recvfrom(4096))[0] != b"stop":
            made = dns.message.make_response(dns.message.from_wire(received[0]))
            name = made.question[0].name
            if name.labels[0] == b"good":
                made.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", "10 mx.good.example."))
            else:
                made.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(made.to_wire(), received[1])

    thread = threading.Thread(target=answer)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    yield resolver
    server.sendto(b"stop", server.getsockname())
    thread.join(5)
    server.close()


def test_a_domain_whose_mail_goes_nowhere(running: Gateway, name_server: dns.resolver.Resolver) -> None:
    settings = settings_of(running, smtp={"domains": ["good.example", "lost.example"]})
    found = {finding.what: finding for finding in checkups.mail_exchangers(settings, name_server)}
    assert found["MX good.example"].text == "mail goes to mx.good.example."
    assert (found["MX lost.example"].state, found["MX lost.example"].text[:26]) == (
        State.BAD,
        "lost.example has no MX rec",
    )


def test_a_public_url_that_leads_elsewhere(running: Gateway) -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as other:
        settings = settings_of(running, server={"public_url": f"http://{other}"})
        assert "another program" in bad(checkups.public_url(settings), "public URL")
    assert one(checkups.public_url(settings_of(running, server={"public_url": running.url})), "public URL").text


def test_a_webhook_whose_signatures_are_not_believed(running: Gateway) -> None:
    """The running gateway has another public URL than the one that is configured by now."""
    hook = {"sms": {"provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN}}
    settings = settings_of(running, server={"public_url": running.url}, hooks=hook)
    assert "answered 403" in bad(checkups.public_url(settings), "hooks.sms")


def test_a_clock_that_went_back(running: Gateway, tmp_path: Path) -> None:
    (tmp_path / "otpgate.db").touch()
    os.utime(tmp_path / "otpgate.db", (time.time() + 3600,) * 2)
    settings = settings_of(running, server={"data_dir": tmp_path})
    assert "the clock went back: otpgate.db" in bad(clock_checkup.clock(settings), "clock")


def test_a_disk_under_its_floor(running: Gateway) -> None:
    assert "messages are put off" in bad(checkups.disk(settings_of(running, disk={"free_mib": 10**9})), "disk")


def test_a_database_that_is_none_or_has_lost_its_key(running: Gateway, tmp_path: Path) -> None:
    settings = settings_of(running, server={"data_dir": tmp_path})
    assert "there is no database yet" in bad(checkups.database(settings), "database")
    (tmp_path / "otpgate.db").write_bytes(b"no database at all" * 500)
    assert bad(checkups.database(settings), "database")
    shutil.copy(running.data_dir / "otpgate.db", tmp_path / "otpgate.db")
    shutil.copy(running.data_dir / "otpgate.db-wal", tmp_path / "otpgate.db-wal")
    assert bad(checkups.database(settings), "encryption key")


def test_a_silent_forwarder_and_a_confirmation_that_waits(running: Gateway) -> None:
    settings = settings_of(running, trust={"forwarders": [{"name": "silent"}]})
    running.send("otp@gw.example", "hello")
    deliver_raw(running, GMAIL)
    arrivals = partial(checkups.arrivals, settings, lambda: Api(running.url, "", running.data_dir))
    silent = one(arrivals(), "forwarder silent")
    assert (silent.state, "came by it" in silent.text) == (State.LOOK, True)
    assert "https://mail-settings.google.com/mail/vf-" in one(arrivals(), "confirmation").text
    deliver_raw(running, GMAIL.replace("mail-settings.google.com", "a.example"))
    assert any("link, which was not recognised" in found.text for found in arrivals())
    assert bad(checkups.arrivals(settings, lambda: Api(running.url, "wrong", running.data_dir)), "arrivals")


def deliver_raw(gateway: Gateway, mail: str) -> None:
    with smtplib.SMTP(*gateway.smtp, timeout=60) as client:
        client.sendmail("forwarding-noreply@google.com", ["otp@gw.example"], mail.encode())


def otpgate(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """What the program did."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("OTPGATE_")}
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_tells_all_of_it_and_exits_1_when_something_is_bad(running: Gateway, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[server]\ndata_dir = "{running.data_dir}"\n'
        f'[smtp]\nlisten = "{running.smtp[0]}:{running.smtp[1]}"\n'
        f'[http]\nlisten = "{running.url.removeprefix("http://")}"\n'
    )
    well = otpgate("doctor", "--config", str(config))
    assert (well.returncode, well.stderr) == (0, ""), well.stdout
    assert "ok\tsmtp.listen\t" in well.stdout
    ill = otpgate("doctor", "--config", str(config), OTPGATE_DISK__FREE_MIB="1000000000")
    assert ill.returncode == 1
    assert "bad\tdisk\t" in ill.stdout
    assert running.key not in well.stdout + ill.stdout
