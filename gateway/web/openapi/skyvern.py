"""What Skyvern's calls answer, and the call that makes an address for its pulls."""

from typing import Any, Literal

from pydantic import AwareDatetime, RootModel

from gateway.web.openapi.answers import Answer


class SkyvernCode(Answer):
    """A code as Skyvern shows it."""

    totp_code_id: str
    totp_identifier: str
    code: str
    otp_type: Literal["totp", "magic_link"] | None
    status: str | None
    content: str
    source: str | None
    task_id: str | None
    workflow_id: str | None
    workflow_run_id: str | None
    organization_id: str
    expired_at: AwareDatetime | None
    created_at: AwareDatetime
    modified_at: AwareDatetime


class SkyvernCodes(RootModel[list[SkyvernCode]]):
    """Codes, newest first."""


class SkyvernPulled(Answer):
    """The code; "" for not yet."""

    verification_code: str


class SkyvernProblem(Answer):
    """Why Skyvern's call was refused: a sentence, or its list of faults."""

    detail: str | list[dict[str, Any]]


class PullAddress(Answer):
    """What goes into Skyvern's `totp_url`; it is shown this once."""

    url: str
