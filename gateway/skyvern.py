"""Skyvern's words to ours and back: what it pushes, lists and pulls, field for field (as of August 2026)."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.message import Channel, InboundMessage
from core.store import Code, Message

ORGANIZATION = "o_otpgate"
"""What stands where Skyvern names an organisation."""
_LONGEST_CODE = 10
"""Content of at most so many characters is the code itself."""
_TYPES = {"link": "magic_link"}
_LONGEST_ID = 1024
_LAST_SECOND = 4_102_444_800  # in the year 2100

Id = Annotated[str, Field(max_length=_LONGEST_ID)]


def _in_range(value: object) -> object:
    if isinstance(value, int | float) and (isinstance(value, bool) or not 0 <= value <= _LAST_SECOND):
        raise ValueError("is no time")
    return value


_Seconds = Annotated[float, Field(ge=0, le=_LAST_SECOND)]
Time = Annotated[datetime, BeforeValidator(_in_range, json_schema_input_type=datetime | _Seconds)]
"""RFC 3339; seconds since 1970 pass as well, as with Skyvern."""
IdentifierId = Annotated[Id, Field(json_schema_extra={"format": "identifier"})]


class UnreadableError(Exception):
    """A request that Skyvern would answer with 422; `detail` lists the faults as it does."""

    def __init__(self, detail: list[dict[str, Any]]) -> None:
        super().__init__("the request does not validate")
        self.detail = detail


class Skyverns(BaseModel):
    """What Skyvern sends; it ignores fields that it does not know."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class Push(Skyverns):
    """A message, code or link for an identifier."""

    totp_identifier: IdentifierId
    content: Annotated[str, Field(repr=False)]
    task_id: Id | None = None
    workflow_id: Id | None = None
    workflow_run_id: Id | None = None
    source: Id | None = None
    expired_at: Time | None = None

    @property
    def code(self) -> str:
        """The content, where it is short enough to be the code itself; else ""."""
        content = self.content.replace("\0", "").strip()
        return content if len(content) <= _LONGEST_CODE else ""

    @property
    def ends_at(self) -> datetime | None:
        """When the code ends; a time without a zone is UTC, as Skyvern reads it."""
        if self.expired_at is None or self.expired_at.tzinfo:
            return self.expired_at
        return self.expired_at.replace(tzinfo=UTC)


class Listing(Skyverns):
    """Which codes are wanted."""

    totp_identifier: IdentifierId | None = None
    workflow_run_id: Id | None = None
    otp_type: Literal["totp", "magic_link"] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Pulling(Skyverns):
    """Who pulls."""

    workflow_run_id: Annotated[Id | None, BeforeValidator(lambda value: value or None)] = None
    task_id: Annotated[Id | None, BeforeValidator(lambda value: value or None)] = None
    workflow_permanent_id: Annotated[Id | None, BeforeValidator(lambda value: value or None)] = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the run goes by."""
        return tuple(name for name in (self.workflow_run_id, self.task_id, self.workflow_permanent_id) if name)

    @property
    def run_id(self) -> str:
        """What tells this run from others, "" for nothing: a workflow's name does not."""
        return self.workflow_run_id or self.task_id or ""


def read(model: type[Any], values: object, where: str) -> Any:
    """The validated values of a body or query; raises UnreadableError."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        raise UnreadableError([{**fault, "loc": [where, *fault["loc"]]} for fault in faults]) from error


def read_json(raw: bytes) -> object:
    """The JSON of a body, {} of an empty one; raises UnreadableError."""
    try:
        return json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UnreadableError([{"loc": ["body"], "msg": "JSON decode error", "type": "json_invalid"}]) from error


def is_signed(raw: bytes, signature: str, key: str) -> bool:
    """Whether a body carries Skyvern's signature: hex HMAC-SHA256 by its API key, compared in constant time."""
    right = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace"))


def inbound(push: Push, identifier: str, now: datetime, trace_id: str) -> InboundMessage:
    """The pushed message as every door hands it on."""
    return InboundMessage(
        channel=Channel.PUSH,
        door="skyvern",
        received_at=now,
        trace_id=trace_id,
        recipient=identifier,
        text=push.content,
        code=push.code,
        expires_at=push.ends_at,
        route="key",
        source=push.source or "",
        run_id=push.workflow_run_id or "",
        workflow_id=push.workflow_id or "",
        task_id=push.task_id or "",
    )


def pushed_json(push: Push, message: Message, code: Code | None) -> dict[str, Any]:
    """The answer to a push; where nothing was found, Skyvern's raw_pending."""
    found = {
        "totp_code_id": code.id if code else message.id,
        "code": code.value if code else "",
        "otp_type": _otp_type(code) if code else None,
        "status": None if code else "raw_pending",
    }
    return {
        "totp_identifier": push.totp_identifier,
        "task_id": push.task_id,
        "workflow_id": push.workflow_id,
        "workflow_run_id": push.workflow_run_id,
        "source": push.source,
        "content": push.content,
        "expired_at": _stamp(push.ends_at),
        **found,
        **_made(message.received_at),
    }


def listed_json(code: Code, content: str) -> dict[str, Any]:
    """One entry of the list."""
    return {
        "totp_identifier": code.identifier,
        "task_id": code.task_id or None,
        "workflow_id": code.workflow_id or None,
        "workflow_run_id": code.run_id or None,
        "source": code.source or None,
        "content": content,
        "expired_at": _stamp(code.expires_at),
        "totp_code_id": code.id,
        "code": code.value,
        "otp_type": _otp_type(code),
        "status": None,
        **_made(code.received_at),
    }


def _otp_type(code: Code) -> str:
    return _TYPES.get(code.kind, "totp")


def _made(at: datetime) -> Mapping[str, Any]:
    return {"organization_id": ORGANIZATION, "created_at": _stamp(at), "modified_at": _stamp(at)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
