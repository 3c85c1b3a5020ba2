"""How log lines are written: for a person on a terminal, as JSON elsewhere."""

import logging
from typing import TextIO

import structlog

from core.settings import LogSettings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _Named(logging.Formatter):
    """What a library logged, by its name; of an exception only the type: its text may hold anything."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: level, logger and the type of an exception."""
        kind = record.exc_info[0] if record.exc_info else None
        return " ".join([record.levelname, record.name, *([kind.__name__] if kind else [])])


def configure_logs(settings: LogSettings, stream: TextIO) -> None:
    """Send the journal to `stream`; of libraries' own logs only warnings count, by name and without their text."""
    human = settings.format == "text" or (settings.format == "auto" and stream.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
        logger_factory=structlog.PrintLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Named())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in ("mail.log", "sqlalchemy", "waitress", "alembic", "asyncio", "twilio"):
        logging.getLogger(name).setLevel(logging.WARNING)
