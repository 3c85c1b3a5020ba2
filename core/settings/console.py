"""`[console]`: the page for people."""

from pydantic import Field

from core.settings.kinds import Section


class ConsoleSettings(Section):
    """Whether there is a console, and how long somebody may be idle in it before they are signed out."""

    enabled: bool = True
    idle_seconds: int = Field(default=28_800, ge=1, le=31 * 24 * 3600)
