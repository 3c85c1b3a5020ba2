"""Mails as each provider would post them now, signed with keys of this run's own."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from urllib.parse import quote, urlencode

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

SECRET = "a-secret-of-this-test"
TOPIC = "arn:aws:sns:us-east-1:111111111111:SES_Inbound"
_RESEND = b"a-secret-of-resend"
_EC = ec.generate_private_key(ec.SECP256R1())
_RSA = rsa.generate_private_key(65537, 2048)
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
_NOW = datetime.now(UTC)
_CERTIFICATE = (
    x509.CertificateBuilder()
    .subject_name(_NAME)
    .issuer_name(_NAME)
    .public_key(_RSA.public_key())
    .serial_number(1)
    .not_valid_before(_NOW - timedelta(days=1))
    .not_valid_after(_NOW + timedelta(days=1))
    .sign(_RSA, hashes.SHA256())
    .public_bytes(serialization.Encoding.PEM)
    .decode()
)
_PUBLIC = base64.b64encode(
    _EC.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
HOOKS = f"""
[hooks.raw_mime]
provider = "raw_mime"
secret = "{SECRET}"
[hooks.cloudflare]
provider = "cloudflare"
secret = "{SECRET}"
[hooks.mailgun_mime]
provider = "mailgun"
signing_key = "{SECRET}"
[hooks.postmark]
provider = "postmark"
password = "{SECRET}"
[hooks.sendgrid]
provider = "sendgrid"
public_key = "{_PUBLIC}"
[hooks.amazon_ses]
provider = "amazon_ses"
topic = "{TOPIC}"
certificate = '''{_CERTIFICATE}'''
[hooks.resend]
provider = "resend"
signing_secret = "whsec_{base64.b64encode(_RESEND).decode()}"
api_key = "re_the_api_key"
api_url = "@api"
"""
Request = tuple[str, bytes, dict[str, str]]
"""Path, body and headers."""


def post(url: str, request: Request) -> httpx.Response:
    """The answer to a request."""
    path, body, headers = request
    return httpx.post(url + path, content=body, headers=headers, timeout=60)


def raw_mime(mail: bytes, rcpt: str, sender: str) -> Request:
    """As .github/doors/raw_mime.md has it."""
    return (
        "/hooks/raw_mime",
        mail,
        {"x-recipient": rcpt, "x-sender": sender, "x-signature": f"sha256={_hmac(mail)}"},
    )


def cloudflare(mail: bytes, rcpt: str, sender: str) -> Request:
    """As the worker in .github/doors/cloudflare.md does it."""
    told = {"time": _time(), "from": quote(sender, safe=""), "to": quote(rcpt, safe="")}
    signature = _hmac("".join(f"{value}\n" for value in told.values()).encode() + mail)
    return (
        "/hooks/cloudflare",
        mail,
        {f"x-otpgate-{name}": value for name, value in {**told, "signature": signature}.items()},
    )


def mailgun(mail: bytes, rcpt: str, sender: str) -> Request:
    """A route's forward() to a URL that ends in mime."""
    return _mailgun({"body-mime": mail}, rcpt, sender)


def mailgun_parsed(mail: bytes, rcpt: str, sender: str) -> Request:
    """A route's forward() to any other URL."""
    read = message_from_bytes(mail, policy=default)
    fields = {"message-headers": json.dumps([[name, str(value)] for name, value in read.items()])}
    return _mailgun(fields | {f"body-{kind}": _text(read, kind) for kind in ("plain", "html")}, rcpt, sender)


def _mailgun(fields: Mapping[str, str | bytes], rcpt: str, sender: str) -> Request:
    at, token = _time(), secrets.token_hex(25)
    proof = {"timestamp": at, "token": token, "signature": _hmac((at + token).encode())}
    body = urlencode({"recipient": rcpt, "sender": sender, **fields, **proof}).encode()
    return "/hooks/mailgun_mime", body, {"content-type": "application/x-www-form-urlencoded"}


def postmark(mail: bytes, rcpt: str, sender: str) -> Request:
    """An inbound webhook with the raw mail, whose line ends lost their CR."""
    raw = mail.decode("utf-8", "replace").replace("\r\n", "\n")
    return _postmark({"RawEmail": raw}, rcpt, sender)


def postmark_parsed(mail: bytes, rcpt: str, sender: str) -> Request:
    """An inbound webhook with what Postmark parsed alone."""
    read = message_from_bytes(mail, policy=default)
    fields: dict[str, object] = {name: str(read[name]) for name in ("From", "To", "Subject")}
    others = {"Return-Path": f"<{sender}>"} | {name: str(read[name]) for name in ("Message-ID",) if read[name]}
    fields["Headers"] = [{"Name": name, "Value": value} for name, value in others.items()]
    return _postmark({**fields, "TextBody": _text(read, "plain"), "HtmlBody": _text(read, "html")}, rcpt, sender)


def _postmark(fields: Mapping[str, object], rcpt: str, sender: str) -> Request:
    told = {"OriginalRecipient": rcpt, "Headers": [{"Name": "Return-Path", "Value": f"<{sender}>"}], **fields}
    user = base64.b64encode(f"otpgate:{SECRET}".encode()).decode()
    return "/hooks/postmark", json.dumps(told).encode(), {"authorization": f"Basic {user}"}


def sendgrid(mail: bytes, rcpt: str, sender: str) -> Request:
    """Inbound Parse with the raw mail."""
    return _sendgrid({"email": mail}, rcpt, sender)


def sendgrid_parsed(mail: bytes, rcpt: str, sender: str) -> Request:
    """Inbound Parse with its default parameters."""
    read = message_from_bytes(mail, policy=default)
    headers = "".join(f"{name}: {value}\n" for name, value in read.items()).encode()
    html = _text(read, "html").encode("utf-16")
    return _sendgrid({"headers": headers, "html": html, "charsets": b'{"html":"utf-16"}'}, rcpt, sender)


def _sendgrid(fields: Mapping[str, bytes], rcpt: str, sender: str) -> Request:
    fields = {"envelope": json.dumps({"to": [rcpt], "from": sender}).encode(), **fields}
    parts = [
        f'--xYz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in fields.items()
    ]
    body, at = b"".join(parts) + b"--xYz--\r\n", _time()
    signature = base64.b64encode(_EC.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    name = "x-twilio-email-event-webhook-"
    headers = {f"{name}timestamp": at, f"{name}signature": signature}
    return "/hooks/sendgrid", body, {**headers, "content-type": "multipart/form-data; boundary=xYz"}


def amazon_ses(mail: bytes, rcpt: str, sender: str) -> Request:
    """A notification of a receipt rule's SNS action, in base64."""
    receipt = {"recipients": [rcpt], "action": {"type": "SNS", "encoding": "BASE64"}}
    content = base64.b64encode(mail).decode()
    event = {"notificationType": "Received", "mail": {"source": sender}, "receipt": receipt, "content": content}
    told = {
        "Message": json.dumps(event),
        "MessageId": "8f6dee70",
        "Timestamp": datetime.now(UTC).isoformat(),
        "TopicArn": TOPIC,
        "Type": "Notification",
    }
    signed = "".join(f"{name}\n{value}\n" for name, value in told.items()).encode()
    signature = base64.b64encode(_RSA.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode()
    return "/hooks/amazon_ses", json.dumps({**told, "SignatureVersion": "2", "Signature": signature}).encode(), {}


def resend(number: str, rcpt: str) -> Request:
    """An event that tells of a mail at the API."""
    told = {"type": "email.received", "data": {"email_id": number, "to": [rcpt]}}
    body, at = json.dumps(told).encode(), _time()
    made = hmac.digest(_RESEND, f"msg_1.{at}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(made).decode()}"
    return "/hooks/resend", body, {"svix-id": "msg_1", "svix-timestamp": at, "svix-signature": signature}


SENDERS: dict[str, Callable[[bytes, str, str], Request]] = {
    made.__name__: made for made in (raw_mime, cloudflare, mailgun, postmark, sendgrid, amazon_ses)
}
"""Those that bring the mail as it was."""
PARSED = {made.__name__: made for made in (mailgun_parsed, postmark_parsed, sendgrid_parsed)}
"""Those that bring what they read in it."""


def _text(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""


def _time() -> str:
    return str(int(time.time()))


def _hmac(content: bytes) -> str:
    return hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
