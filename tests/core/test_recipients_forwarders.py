"""Every automatic forwarder, by the shape its mails were recorded in: right mailbox, right code."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.message import Channel, InboundMessage
from core.reading import read
from core.recipients import resolve

FORWARDERS = Path(__file__).parent / "forwarders"
NOBODY = SimpleNamespace(by_secret_address=lambda _: None, owner=lambda _: None)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("addy", "header:x-anonaddy-original-to"),
        ("cloudflare", "header:x-forwarded-for"),
        ("duck", "to"),
        ("exchange-attachment", "attached"),
        ("exchange-srs-redirect", "header:x-ms-exchange-forwardingloop"),
        ("exim-alias", "header:envelope-to"),
        ("fastmail", "header:x-delivered-to"),
        ("gmail-envelope-only", "header:return-path"),
        ("gmail-filter", "header:x-forwarded-for"),
        ("google-group", "header:x-beenthere"),
        ("icloud", "header:original-recipient"),
        ("mailman-list", "header:x-beenthere"),
        ("outlook-redirect", "header:x-ms-exchange-inbox-rules-loop"),
        ("postfix-alias", "header:x-original-to"),
        ("proton", "header:x-pm-forwarded-from"),
        ("received-for", "header:received"),
        ("ses", "header:received"),
        ("simplelogin", "header:x-simplelogin-envelope-to"),
        ("workspace-routing", "header:x-gm-original-to"),
    ],
)
def test_every_forwarder_leaves_the_mailbox_that_the_site_wrote_to(name: str, source: str) -> None:
    raw = (FORWARDERS / f"{name}.eml").read_text().replace("\n", "\r\n")
    message = InboundMessage(
        channel=Channel.EMAIL, door="smtp", received_at=datetime.now(UTC), trace_id="t", raw=raw.encode()
    )
    reading = read(message, threshold=0.5)
    found = resolve(
        "otp@gw.example", reading.mail, reading.original, registry=NOBODY, gateway_domains=["gw.example"]
    )
    assert (found.identifier, found.source) == ("alice@example.com", source)
    assert reading.extracted.value == "482913"


def test_every_recorded_forwarder_has_a_row_above() -> None:
    rows = test_every_forwarder_leaves_the_mailbox_that_the_site_wrote_to.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {path.stem for path in FORWARDERS.glob("*.eml")} == {name for name, _ in rows}
