"""How deliveries to webhooks are tried; the webhooks themselves are in the database."""

from pydantic import Field

from core.settings.kinds import Section


class OutgoingSettings(Section):
    """What is the same for every webhook (`otpgate webhooks add` adds them)."""

    answer_seconds: int = Field(default=15, ge=1, le=60)
    give_up_hours: int = Field(default=24, ge=1, le=168)
    first_pause: float = Field(default=0.5, ge=0.05, le=60)
    longest_pause: float = Field(default=3600, ge=1, le=86_400)
