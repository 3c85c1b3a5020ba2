"""A site to log in to, and the tools that examples are run with."""

import base64
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from werkzeug.serving import make_server

from otpgate_client.running import RunningGateway
from tests.examples.site import Acme

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Open:
    """Acme, open for visitors."""

    acme: Acme
    url: str


@pytest.fixture
def site(otpgate: RunningGateway) -> Iterator[Open]:
    """Acme, whose mails and texts go to the test run's gateway."""
    acme = Acme(send_mail=otpgate.send_mail, send_sms=otpgate.send_sms, period=3)
    server = make_server("127.0.0.1", 0, acme.app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Open(acme=acme, url=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def mailbox(otpgate: RunningGateway, site: Open) -> str:
    """A mailbox whose account at the site has an authenticator."""
    mailbox = otpgate.address()
    secret = base64.b32encode(site.acme.secret).decode()
    uri = f"otpauth://totp/Acme:{mailbox}?secret={secret}&issuer=Acme&period={site.acme.period}"
    stored = httpx.put(
        f"{otpgate.url}/v1/totp/{mailbox}", json={"secret": uri}, headers={"x-api-key": otpgate.key}
    )
    assert stored.status_code == 200, stored.text
    return mailbox


@pytest.fixture
def chromium() -> str:
    """Where Chromium is."""
    found = shutil.which("chromium")
    if not found:
        pytest.skip("Chromium (apt: chromium) is missing")
    return found


@pytest.fixture
def browsing(environment: dict[str, str], site: Open, mailbox: str, chromium: str) -> dict[str, str]:
    """The same for examples that log in to the site by a browser, and where the client lies when not installed."""
    told = {"SITE": site.url, "MAILBOX": mailbox, "CHROMIUM": chromium}
    return {**environment, **told, "PYTHONPATH": str(HERE.parents[1] / "gateway" / "client")}


@pytest.fixture
def environment(otpgate: RunningGateway) -> dict[str, str]:
    """What every example is told by: where the gateway is, and the key to it."""
    return {**os.environ, "OTPGATE_URL": otpgate.url, "OTPGATE_KEY": otpgate.key}
