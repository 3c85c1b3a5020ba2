"""Errors as SMTP answers (RFC 5321, 4.2; enhanced codes RFC 3463)."""

from core.errors import OtpgateError, RefusedError, TemporaryError

MAX_TEXT = 400
"""Characters: an answer line holds 512 bytes (RFC 5321, 4.5.3.1.5)."""


def answer(error: Exception, trace_id: str = "") -> str:
    """The answer to a failed command: the error's own code and text, or 451 that says nothing of us."""
    if not isinstance(error, TemporaryError | RefusedError):
        return _line(OtpgateError.smtp, "our own trouble, try again later", trace_id)
    text = str(error) or error.slug.replace("-", " ")
    return _line(error.smtp, text, trace_id)


def _line(code: str, text: str, trace_id: str) -> str:
    printable = "".join(c if " " <= c <= "~" else " " for c in text)[:MAX_TEXT]
    return f"{code} {printable} ({trace_id})" if trace_id else f"{code} {printable}"
