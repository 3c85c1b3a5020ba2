"""What authenticator apps and password managers export, as secrets.

Read here: `otpauth://` URIs (one, or a list), bare base32, Google Authenticator's `otpauth-migration://`, QR
pictures of these, Bitwarden's JSON and CSV, 1Password's 1PUX and CSV.
"""

from core.authenticators import pictures, vaults
from core.authenticators.export import Entry, Export, collect
from core.authenticators.migration import SCHEME, read_migration
from core.errors import InvalidRequestError

__all__ = ["Entry", "Export", "read_export"]

_LARGEST = 64 * 1024 * 1024


def read_export(data: bytes) -> Export:
    """The secrets in an export or picture of whatever sort; raises InvalidRequestError that says what is wrong."""
    if len(data) > _LARGEST:
        raise InvalidRequestError("the file is larger than 64 MB")
    if data.startswith(vaults.ZIP):
        return vaults.read_1pux(data)
    if pictures.is_picture(data):
        return _joined([_read_line(text) for text in pictures.read_codes(data)])
    return _read_text(data)


def _read_text(data: bytes) -> Export:
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise InvalidRequestError("the file is neither text, nor a picture, nor a 1PUX export") from error
    if text.startswith("{"):
        return vaults.read_bitwarden(text)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and vaults.is_table(lines[0]):
        return vaults.read_table(text)
    return _joined([_read_line(line) for line in lines])


def _read_line(line: str) -> Export:
    if line.strip().lower().startswith(SCHEME):
        return read_migration(line.strip())
    return collect([Entry(secret=line)])


def _joined(exports: list[Export]) -> Export:
    """Several exports as one; raises InvalidRequestError when there is nothing at all in them."""
    if not any(export.secrets or export.unread for export in exports):
        raise InvalidRequestError("there is no secret in it")
    return Export(
        secrets=tuple(secret for export in exports for secret in export.secrets),
        unread=tuple(text for export in exports for text in export.unread),
        missing=sum(export.missing for export in exports),
    )
