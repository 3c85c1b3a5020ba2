"""What the demonstration sends: a mail as Gmail's filter forwards it, and an SMS as Twilio posts it."""

import secrets
import smtplib
import time
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import httpx
from twilio.request_validator import RequestValidator

from gateway.cli.demo.child import DemoError, PrivateGateway

MAILBOX = "user@example.com"
NUMBER = "+15551230000"
_FORWARDED_TO = "otp@gw.example"
_HTML = """<html><body style="font-family:sans-serif">
<div style="display:none">Your sign-in code is inside, good for 10 minutes. Order 55120984.</div>
<table width="600"><tr><td><h2>Sign in to Example Shop</h2><p>Your verification code is</p>
<p style="font-size:32px;letter-spacing:6px"><b>{code}</b></p>
<p>It is good for 10 minutes. If it was not you, call 1-800-555-0199.</p>
<p style="color:#888">Example Shop, 221 Market Street, San Francisco 94103</p></td></tr></table></body></html>"""


def new_code() -> str:
    """Six random digits that do not begin with 0."""
    return str(100_000 + secrets.randbelow(900_000))


def send_mail(gateway: PrivateGateway, code: str) -> float:
    """Send the mail by SMTP; when its last dot left (`time.perf_counter`), once it was taken with 250."""
    mail = _forwarded_mail(code)
    lines = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    with smtplib.SMTP(*gateway.smtp, timeout=10) as smtp:
        smtp.ehlo("mail-lf1-f41.example")
        smtp.mail("user+caf_=otp=gw.example@example.com")
        smtp.rcpt(_FORWARDED_TO)
        smtp.docmd("DATA")
        dot = time.perf_counter()
        smtp.send(lines.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
        answer, _ = smtp.getreply()
    if answer != 250:  # noqa: PLR2004 - RFC 5321, 4.2.3: taken
        raise DemoError(f"the mail was answered with {answer}")
    return dot


def send_sms(gateway: PrivateGateway, code: str) -> float:
    """Post the SMS, signed as Twilio signs; when it left (`time.perf_counter`), once it was taken with 200."""
    form = {
        "AccountSid": gateway.account_sid,
        "MessageSid": f"SM{secrets.token_hex(16)}",
        "From": "+15005550006",
        "To": NUMBER,
        "Body": f"{code} is your Example Bank code. Never share it. We will not call you.",
        "NumMedia": "0",
    }
    url = f"{gateway.url}/hooks/sms"
    signature = RequestValidator(gateway.auth_token).compute_signature(url, form)
    sent = time.perf_counter()
    response = httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=10, trust_env=False)
    if response.status_code != httpx.codes.OK:
        raise DemoError(f"the SMS was answered with {response.status_code}")
    return sent


def _forwarded_mail(code: str) -> EmailMessage:
    """A multipart mail of a shop, with what Gmail's filter adds when it forwards."""
    mail = EmailMessage()
    mail["X-Forwarded-To"] = _FORWARDED_TO
    mail["X-Forwarded-For"] = f"{MAILBOX} {_FORWARDED_TO}"
    mail["Delivered-To"] = MAILBOX
    mail["From"] = "Example Shop <no-reply@shop.example>"
    mail["To"] = MAILBOX
    mail["Subject"] = "Sign in to Example Shop"
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="shop.example")
    mail.set_content(f"Your verification code is {code}. It is good for 10 minutes.\n")
    mail.add_alternative(_HTML.format(code=code), subtype="html", cte="quoted-printable")
    return mail
