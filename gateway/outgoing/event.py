"""What a receiver gets: the event, its headers and its signatures (standardwebhooks.com, specification 1.0)."""

import json
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook as Signer

from core.store import Code, Delivery
from gateway.web.replies import code_json, stamp

TYPE = "code.received"


def body_of(delivery: Delivery, code: Code, now: datetime, *, value: bool) -> bytes:
    """The body: type, timestamp, and CONTRACT's CODE as `data`, without value and subject unless `value`."""
    data = code_json(code, now, value=value)
    if delivery.claim_id:
        data["claim_id"] = delivery.claim_id
    event: dict[str, Any] = {"type": TYPE, "timestamp": stamp(code.received_at), "data": data}
    return json.dumps(event, separators=(",", ":")).encode("ascii")


def headers_of(delivery: Delivery, body: bytes, signing: list[str], now: datetime) -> dict[str, str]:
    """The headers of one attempt; a signature by each of the secrets, parted by spaces."""
    text = body.decode("ascii")
    signatures = [Signer(secret).sign(delivery.id, now, text) for secret in signing]
    return {
        "content-type": "application/json",
        "user-agent": "otpgate",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
