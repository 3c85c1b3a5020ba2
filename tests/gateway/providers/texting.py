"""SMS as each sender would post them now, signed with keys of this run's own."""

import base64
import hashlib
import hmac
import itertools
import json
import time
import uuid
from collections.abc import Callable
from urllib.parse import quote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.gateway.providers.sending import Request
from tests.running import PUBLIC_URL

SECRET = "a-secret-of-this-test-of-32-bytes"
_TELNYX = Ed25519PrivateKey.generate()
_milliseconds = itertools.count()
_JSON, _FORM = {"content-type": "application/json"}, {"content-type": "application/x-www-form-urlencoded"}
HOOKS = f"""
[hooks.vonage]
provider = "vonage"
signature_secret = "{SECRET}"
signature_method = "sha256"
[hooks.telnyx]
provider = "telnyx"
public_key = "{base64.b64encode(_TELNYX.public_key().public_bytes_raw()).decode()}"
[hooks.plivo]
provider = "plivo"
auth_token = "{SECRET}"
[hooks.messagebird]
provider = "messagebird"
signing_key = "{SECRET}"
[hooks.bird]
provider = "bird"
signing_key = "{SECRET}"
[hooks.sinch]
provider = "sinch"
secret = "{SECRET}"
[hooks.bandwidth]
provider = "bandwidth"
user = "otpgate"
password = "{SECRET}"
[hooks.smsgate]
provider = "smsgate"
signing_key = "{SECRET}"
[hooks.phone]
provider = "smsgate"
signing_key = "{SECRET}"
silent_after = "3s"
[hooks.httpsms]
provider = "httpsms"
signing_key = "{SECRET}"
[hooks.sms_forwarder]
provider = "sms_forwarder"
secret = "{SECRET}"
[hooks.mapped]
provider = "mapped"
secret = ["{SECRET}", "the-secret-after-it"]
text = "$.payload.message"
sender = "$.payload.from"
recipient = "$.payload.to"
id = "$.payload.id"
heartbeat = "$.alive"
[hooks.voice]
provider = "twilio_voice"
account_sid = "ACtestaccount"
auth_token = "a-token-of-twilio"
"""


def vonage(number: str, sender: str, text: str, message_id: str, **part: str) -> Request:
    """The SMS API, account set to POST."""
    sms = {"msisdn": sender.lstrip("+"), "to": number.lstrip("+"), "messageId": message_id, "text": text}
    fields = {**sms, "type": "text", "timestamp": _time(), **part}
    content = "".join(f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields))
    return "/hooks/vonage", urlencode({**fields, "sig": _hmac(content.encode()).hex()}).encode(), _FORM


def telnyx(number: str, sender: str, text: str, message_id: str) -> Request:
    """A message.received."""
    payload = {"id": message_id, "from": {"phone_number": sender}, "to": [{"phone_number": number}], "text": text}
    body, at = _json({"data": {"event_type": "message.received", "payload": payload}}), _time()
    signature = base64.b64encode(_TELNYX.sign(f"{at}|".encode() + body)).decode()
    return "/hooks/telnyx", body, {**_JSON, "telnyx-timestamp": at, "telnyx-signature-ed25519": signature}


def plivo(number: str, sender: str, text: str, message_id: str) -> Request:
    """A form with a V3 signature."""
    form = {"From": sender.lstrip("+"), "To": number.lstrip("+"), "Text": text, "MessageUUID": message_id}
    signed = f"{PUBLIC_URL}/hooks/plivo?" + "".join(f"{name}{form[name]}" for name in sorted(form)) + ".7"
    headers = {"x-plivo-signature-v3": _base64(_hmac(signed.encode())), "x-plivo-signature-v3-nonce": "7"}
    return "/hooks/plivo", urlencode(form).encode(), {**_FORM, **headers}


def plivo_v2(number: str, sender: str, text: str, message_id: str) -> Request:
    """The same with a V2 signature, which covers the URL and a nonce alone."""
    path, body, _ = plivo(number, sender, text, message_id)
    nonce = uuid.uuid4().hex
    signature = _base64(_hmac(f"{PUBLIC_URL}{path}{nonce}".encode()))
    return path, body, {**_FORM, "x-plivo-signature-v2": signature, "x-plivo-signature-v2-nonce": nonce}


def messagebird(number: str, sender: str, text: str, message_id: str) -> Request:
    """JSON of a flow."""
    body = _json({"id": message_id, "recipient": number.lstrip("+"), "originator": sender, "body": text})
    url, now = f"{PUBLIC_URL}/hooks/messagebird", int(time.time())
    hashes = {
        "url_hash": hashlib.sha256(url.encode()).hexdigest(),
        "payload_hash": hashlib.sha256(body).hexdigest(),
    }
    token = jwt.encode(
        {"iss": "MessageBird", "nbf": now - 1, "exp": now + 59, **hashes}, SECRET, algorithm="HS256"
    )
    return "/hooks/messagebird", body, {**_JSON, "messagebird-signature-jwt": token}


def bird(number: str, sender: str, text: str, message_id: str) -> Request:
    """A sms.inbound whose connector tells its number."""
    payload = {
        "id": message_id,
        "channelId": "614208aa",
        "sender": {"contact": {"identifierValue": sender}},
        "receiver": {"connector": {"identifierValue": number}},
        "body": {"type": "text", "text": {"text": text}},
    }
    body, at = _json({"event": "sms.inbound", "payload": payload}), _time()
    signed = f"{at}\n{PUBLIC_URL}/hooks/bird\n".encode() + hashlib.sha256(body).digest()
    headers = {"messagebird-request-timestamp": at, "messagebird-signature": _base64(_hmac(signed))}
    return "/hooks/bird", body, {**_JSON, **headers}


def sinch(number: str, sender: str, text: str, message_id: str) -> Request:
    """A mo_text with an HMAC."""
    sms = {"type": "mo_text", "id": message_id, "from": sender.lstrip("+"), "to": number.lstrip("+"), "body": text}
    body, at, name = _json(sms), _time(), "x-sinch-webhook-signature"
    signature = _base64(_hmac(body + f".n.{at}".encode()))
    return "/hooks/sinch", body, {**_JSON, name: signature, f"{name}-nonce": "n", f"{name}-timestamp": at}


def bandwidth(number: str, sender: str, text: str, message_id: str) -> Request:
    """One event of an array."""
    message = {"id": message_id, "from": sender, "text": text}
    body = _json([{"type": "message-received", "to": number, "message": message}])
    return "/hooks/bandwidth", body, {**_JSON, "authorization": f"Basic {_base64(f'otpgate:{SECRET}'.encode())}"}


def smsgate(number: str, sender: str, text: str, message_id: str, sim: int = 1) -> Request:
    """A sms:received."""
    payload = {"sender": sender, "recipient": number, "message": text, "simNumber": sim}
    return _smsgate({"event": "sms:received", "id": message_id, "payload": payload})


def ping() -> Request:
    """SMSGate's heartbeat, at a hook of its own."""
    _, body, headers = _smsgate({"event": "system:ping", "id": "p", "payload": {"health": {"status": "pass"}}})
    return "/hooks/phone", body, headers


def httpsms(number: str, sender: str, text: str, message_id: str) -> Request:
    """A message.phone.received."""
    data = {"contact": sender, "owner": number, "content": text, "message_id": message_id}
    now = int(time.time())
    claims = {"aud": f"{PUBLIC_URL}/hooks/httpsms", "iss": "api.httpsms.com", "iat": now, "exp": now + 600}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    body = _json({"type": "message.phone.received", "data": data})
    return "/hooks/httpsms", body, {**_JSON, "authorization": f"Bearer {token}"}


def sms_forwarder(number: str, sender: str, text: str, message_id: str) -> Request:
    """A form; the time in milliseconds is all that tells one SMS from the next."""
    del message_id
    at = _time() + f"{next(_milliseconds) % 1000:03}"
    sign = quote(_base64(_hmac(f"{at}\n{SECRET}".encode())), safe="")
    form = {"from": sender, "to": number, "content": text, "timestamp": at, "sign": sign}
    return "/hooks/sms_forwarder", urlencode(form).encode(), _FORM


def mapped(number: str, sender: str, text: str, message_id: str) -> Request:
    """JSON of one's own, with a secret in a header."""
    body = _json({"payload": {"message": text, "from": sender, "to": number, "id": message_id}})
    return "/hooks/mapped", body, {**_JSON, "x-otpgate-secret": SECRET}


SENDERS: dict[str, Callable[[str, str, str, str], Request]] = {
    made.__name__: made
    for made in (
        vonage,
        telnyx,
        plivo,
        plivo_v2,
        messagebird,
        bird,
        sinch,
        bandwidth,
        smsgate,
        httpsms,
        sms_forwarder,
        mapped,
    )
}


def _smsgate(event: object) -> Request:
    body, at = _json(event), _time()
    return "/hooks/smsgate", body, {**_JSON, "x-timestamp": at, "x-signature": _hmac(body + at.encode()).hex()}


def _time() -> str:
    return str(int(time.time()))


def _json(found: object) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _hmac(content: bytes) -> bytes:
    return hmac.digest(SECRET.encode(), content, "sha256")
