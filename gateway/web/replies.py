"""Records as JSON, and errors as problem details (RFC 9457)."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify

from core.errors import OtpgateError, TemporaryError, TooManyWrongKeysError
from core.store import ApiKey, Claim, Code, Identifier, Message, State

_TYPES = "urn:otpgate:problem:"


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def code_json(code: Code, now: datetime, *, value: bool) -> dict[str, Any]:
    """CONTRACT's CODE; without its value unless `value`."""
    state = code.state_at(now)  # a lapsed lease leaves its holder behind
    return {
        "id": code.id,
        "identifier": code.identifier,
        "kind": code.kind,
        "value": code.value if value else None,
        "channel": code.channel,
        "sender": code.sender,
        "sender_domain": code.sender_domain,
        "subject": code.subject if value else None,
        "link_host": code.link_host,
        "route": code.route,
        "author": code.author or None,
        "evidence": code.evidence,
        "confidence": round(code.confidence, 4),
        "source": code.source,
        "run_id": ("" if state is State.FRESH else code.holder) or code.run_id,
        "workflow_id": code.workflow_id,
        "task_id": code.task_id,
        "received_at": stamp(code.received_at),
        "expires_at": stamp(code.expires_at),
        "state": state.value,
        "message_id": code.message_id,
    }


def claim_json(claim: Claim, now: datetime) -> dict[str, Any]:
    """CONTRACT's CLAIM."""
    fields = code_json(claim.code, now, value=True)
    fields["code_id"] = fields.pop("id")
    return {"claim_id": claim.id, **fields, "run_id": claim.run_id, "lease_until": stamp(claim.lease_until)}


def message_json(message: Message, *, values: bool, text: bool) -> dict[str, Any]:
    """What came in and what was made of it; values and text only for those who may see them."""
    # Long: a line for each member of the answer.
    shown = [c if values else {**c, "value": None} for c in message.candidates]
    return {
        "id": message.id,
        "trace_id": message.trace_id,
        "door": message.door,
        "channel": message.channel,
        "identifier": message.identifier,
        "identity_source": message.identity_source,
        "identity_evidence": message.identity_evidence,
        "sender": message.sender,
        "sender_name": message.sender_name,
        "sender_domain": message.sender_domain,
        "subject": message.subject if values else None,
        "route": message.route,
        "author": message.author or None,
        "evidence": message.evidence,
        "kind": message.kind,
        "value": message.value or None if values else None,
        "confidence": round(message.confidence, 4),
        "reason": message.reason,
        "verdict": message.verdict,
        "candidates": shown,
        "source": message.source,
        "run_id": message.run_id,
        "workflow_id": message.workflow_id,
        "task_id": message.task_id,
        "received_at": stamp(message.received_at),
        "size": message.size,
        **({"text": message.text} if text else {}),
    }


def key_json(key: ApiKey) -> dict[str, Any]:
    """An API key's record."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "only": list(key.only),
        "created_at": stamp(key.created_at),
        "expires_at": stamp(key.expires_at),
        "revoked_at": stamp(key.revoked_at),
    }


def identifier_json(record: Identifier, domain: str) -> dict[str, Any]:
    """A registered identifier with the address that we issued for it."""
    return {
        "identifier": record.identifier,
        "secret_address": f"{record.secret_address}@{domain}",
        "aliases": list(record.aliases),
        "senders": list(record.senders),
        "link_hosts": list(record.link_hosts),
        "min_trust": record.min_trust,
        "created_at": stamp(record.created_at),
    }


def problem(error: OtpgateError, **members: object) -> Response:
    """Problem details with a stable `type` (RFC 9457)."""
    response = jsonify(
        type=_TYPES + error.slug,
        title=error.slug.replace("-", " "),
        status=error.status,
        detail=str(error),
        **members,
    )
    response.status_code = error.status
    response.content_type = "application/problem+json"
    if isinstance(error, TemporaryError):
        response.headers["Retry-After"] = "60" if isinstance(error, TooManyWrongKeysError) else "1"
    return response
