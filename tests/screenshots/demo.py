"""A gateway of its own with some life in it: mails by a forwarder, SMS, pushes, claims, and what gave no code."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import CONFIG, Gateway, start_gateway

FORWARDED = """
[[trust.forwarders]]
name = "Fastmail"
networks = ["127.0.0.0/8"]
"""
ALICE, OPS, PHONE = "alice@example.com", "ops@example.com", "+15551230000"
SECRET = "JBSWY3DPEHPK3PXP"
GMAIL = f"""From: Gmail Team <forwarding-noreply@google.com>
To: otp@gw.example
Subject: (#512803947) Gmail Forwarding Confirmation - Receive Mail from {ALICE}
X-Google-Address-Confirmation: 1

{ALICE} has requested to automatically forward mail to your email address otp@gw.example.
Confirmation code: 512803947

https://mail-settings.google.com/mail/vf-%5BANGjdJ8demo%5D-demo
""".replace("\n", "\r\n")
LINK = "https://click.northwind.example/magic?token=pQ7fK2mZ9xLw"


@contextmanager
def demo_gateway(folder: Path) -> Iterator[Gateway]:
    """A gateway with its data in a folder; it stops with the block."""
    gateway = start_gateway(folder / "data", config=CONFIG + FORWARDED)
    try:
        yield gateway
    finally:
        gateway.stop()


def liven(gateway: Gateway) -> None:
    """Let things happen as they do in a team's mailbox."""
    for name, links in ((ALICE, ["click.northwind.example"]), (OPS, []), (PHONE, [])):
        gateway.api.put(f"/v1/identifiers/{name}", json={"link_hosts": links}).raise_for_status()
    gateway.api.put(f"/v1/totp/{ALICE}?issuer=Contoso", json={"secret": SECRET}).raise_for_status()
    for name, scope in (("zapier", "push"), ("ci-runner", "claim"), ("dashboard", "read")):
        gateway.api.post("/v1/keys", json={"name": name, "scopes": [scope]}).raise_for_status()
    gateway.send(ALICE, "Hi Alice,\n\nyour Northwind sign-in code is 204871.\n", "login@northwind.example")
    _end(gateway, ALICE, "checkout-test-12", "accept")
    gateway.send(
        OPS, "Your package was handed to the carrier.\nTracking number 4471 8820 1937.\n", "hello@parcels.example"
    )
    gateway.sms(PHONE, "Fabrikam: 58213 is your code. Never share it.", "+15005550006")
    _end(gateway, PHONE, "login-4711", "reject")
    gateway.send(
        ALICE,
        f"Click to sign in to Northwind:\n{LINK}\n\nNot you? Ignore this.",
        "login@northwind.example",
    )
    gateway.push(OPS, "G-551290 is your verification code.", source="zapier", run_id="nightly-17")
    with smtplib.SMTP(*gateway.smtp) as door:
        secret = gateway.api.get(f"/v1/identifiers/{ALICE}").json()["secret_address"]
        door.sendmail("forwarding-noreply@google.com", [secret], GMAIL)
    gateway.sms(PHONE, "Your Contoso code is 998812. It expires in 5 minutes.", "Contoso")
    gateway.claim(PHONE, run_id="login-4712")
    gateway.send(
        ALICE,
        "Your Acme verification code is 482913.\n\nIt is valid for 10 minutes. Order 77120 is not affected.\n"
        "Acme Inc., 500 Main Street, +1 555 010 0199\n",
    )


def _end(gateway: Gateway, identifier: str, run: str, how: str) -> None:
    claim = gateway.claim(identifier, run_id=run)["claim"]
    if claim:
        gateway.end(claim["claim_id"], how)
