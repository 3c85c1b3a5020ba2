"""Amazon SES email receiving, action "Publish to Amazon SNS topic", through an HTTPS subscription of that topic.

Sources: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import json
import re
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from pydantic import AfterValidator, BeforeValidator, Field

from core.errors import InvalidRequestError
from gateway.providers import Brought, HookRefusedError, HookRequest, ProviderSettings
from gateway.webhooks import mail
from gateway.webhooks.asking import ask
from gateway.webhooks.fields import at, text_at
from gateway.webhooks.proof import check_recent, one_or_several

_TOPIC = r"^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}$"
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{8,64}\.pem")
_LARGEST_CERTIFICATE = 64 * 1024
_WINDOW = timedelta(hours=1, minutes=5)
"""SNS comes back for an hour at most, with the time and the signature of its first attempt."""
_CONFIRMED = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _CONFIRMED,
    "UnsubscribeConfirmation": _CONFIRMED,
}
"""What is signed of each type of message, in this order."""
_HASHES = {"1": SHA1, "2": SHA256}
_fetched: dict[str, str] = {}
"""Certificates by their address: SNS changes its own about once a year."""
_MOST_FETCHED = 20


def _readable(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            x509.load_pem_x509_certificate(text.encode())
        except ValueError as error:
            raise ValueError("should be a certificate in PEM") from error
    return texts


class Settings(ProviderSettings):
    """Keys of a `[hooks.NAME]` table with `provider = "amazon_ses"`."""

    topic: Annotated[
        tuple[Annotated[str, Field(pattern=_TOPIC)], ...],
        BeforeValidator(one_or_several),
        Field(min_length=1, description="a topic's ARN, such as arn:aws:sns:us-east-1:111111111111:SES_Inbound"),
    ]
    certificate: Annotated[tuple[str, ...], BeforeValidator(one_or_several), AfterValidator(_readable)] = ()
    endpoint: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$", description="an address of SNS")


def verify(request: HookRequest, settings: Settings) -> None:
    """Raises HookRefusedError unless SNS signed it for one of the topics, at most an hour ago.

    The certificate is one of those configured; without any, that which SNS itself serves, of the topic's region.
    Raises TemporaryError when SNS does not serve it.
    """
    told = request.json_object()
    kind, topic = told.get("Type"), told.get("TopicArn")
    if "Signature" not in told:
        raise HookRefusedError("signature missing")
    if topic not in settings.topic:
        raise HookRefusedError("another topic")
    if not isinstance(kind, str) or kind not in _SIGNED:
        raise HookRefusedError("another type")
    _check_time(told, request)
    certificates = settings.certificate or (_certificate(told, str(topic), settings),)
    if not any(_signed(told, _SIGNED[kind], certificate, request.received_at) for certificate in certificates):
        raise HookRefusedError("signature wrong")


def parse(request: HookRequest, settings: Settings) -> Brought:
    """The mail of a notification; a topic's confirmation is answered at SNS and brings nothing."""
    told = request.json_object()
    kind = text_at(told, "Type")
    if kind == "SubscriptionConfirmation":
        topic = text_at(told, "TopicArn")
        query = urlencode({"Action": "ConfirmSubscription", "TopicArn": topic, "Token": text_at(told, "Token")})
        ask(f"{settings.endpoint or _sns(topic)}/?{query}")
    return _mail(text_at(told, "Message")) if kind == "Notification" else Brought()


def _mail(message: str) -> Brought:
    try:
        told = json.loads(message)
    except (ValueError, RecursionError):
        return Brought()  # what SES writes to a topic when it is chosen
    if at(told, "notificationType") != "Received":
        return Brought()
    content = at(told, "content")
    if not isinstance(content, str):
        action = at(told, "receipt.action.type")
        raise InvalidRequestError(
            f"content is missing: the receipt rule's action is {'S3' if action == 'S3' else 'another'}, "
            "which keeps the mail elsewhere; use the action Publish to Amazon SNS topic"
        )
    raw = content.encode("utf-8", "replace")
    if str(at(told, "receipt.action.encoding")).upper() == "BASE64":
        try:
            raw = b64decode(raw, validate=True)
        except ValueError as error:
            raise InvalidRequestError("content should be base64, as receipt.action.encoding says") from error
    rcpt_to, mail_from = at(told, "receipt.recipients"), at(told, "mail.source")
    one = mail.addressed(raw, rcpt_to=rcpt_to, mail_from=mail_from, field_name="receipt.recipients")
    return Brought(messages=(one,))


def _check_time(told: dict[str, Any], request: HookRequest) -> None:
    try:
        moment = datetime.fromisoformat(str(told.get("Timestamp"))).timestamp()
    except (ValueError, OverflowError) as error:
        raise HookRefusedError("no time in the signature") from error
    check_recent(str(moment), request, _WINDOW)


def _sns(topic: str) -> str:
    """SNS of the topic's own region, never an address that a message names."""
    _, partition, _, region, *_ = topic.split(":")
    return f"https://sns.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")


def _certificate(told: dict[str, Any], topic: str, settings: Settings) -> str:
    """The certificate that a message names, in PEM, if SNS of the topic's own region serves it."""
    named, sns = told.get("SigningCertURL"), _sns(topic)
    place = named.removeprefix(sns) if isinstance(named, str) and named.startswith(sns) else ""
    if not _CERTIFICATE.fullmatch(place):
        raise HookRefusedError("another place of the certificate")
    address = (settings.endpoint or sns) + place
    if address not in _fetched:
        text = ask(address, largest=_LARGEST_CERTIFICATE).decode("ascii", "replace")
        if len(_fetched) >= _MOST_FETCHED:
            _fetched.clear()
        _fetched[address] = text
    return _fetched[address]


def _signed(told: dict[str, Any], names: tuple[str, ...], certificate: str, now: datetime) -> bool:
    """Whether the certificate, if it is of this time, signed these members of a message."""
    content = "".join(f"{name}\n{told[name]}\n" for name in names if told.get(name) is not None)
    algorithm = _HASHES.get(str(told.get("SignatureVersion")))
    try:
        signature = b64decode(str(told["Signature"]), validate=True)
        found = x509.load_pem_x509_certificate(certificate.encode())
        key = found.public_key()
        if algorithm is None or not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(signature, content.encode("utf-8", "surrogatepass"), padding.PKCS1v15(), algorithm())
    except (ValueError, InvalidSignature):
        return False
    return found.not_valid_before_utc <= now <= found.not_valid_after_utc
