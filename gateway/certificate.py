"""A certificate on disk, read again when it changes."""

import ssl
from collections.abc import Iterator
from pathlib import Path


class Certificate:
    """Called, gives the TLS context for the next handshake; a renewal that cannot be read changes nothing.

    Raises OSError (ssl.SSLError is one) as long as there was never a good one.
    """

    def __init__(self, file: Path, key_file: Path) -> None:
        self.file = file
        self.key_file = key_file
        self._context: ssl.SSLContext | None = None
        self._stamp: tuple[int, ...] = ()

    def __call__(self) -> ssl.SSLContext:
        """The context of the newest certificate that could be read."""
        try:
            stamp = tuple(path.stat().st_mtime_ns for path in (self.file, self.key_file))
            if self._context is None or stamp != self._stamp:
                self._context = self._read()
                self._stamp = stamp
        except OSError:
            if self._context is None:
                raise
        return self._context

    def _read(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key_file)
        return context


def certificate_of(file: str, key_file: str) -> Certificate | None:
    """The certificate of a pair of settings; None where none is set."""
    return Certificate(Path(file), Path(key_file)) if file else None


def unusable_certificate(section: str, file: str, key_file: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a section's `certificate` and `certificate_key`, as keys and sentences."""
    if bool(file) != bool(key_file):
        yield f"{section}.certificate_key", f"belongs to {section}.certificate: set both or none"
    elif found := certificate_of(file, key_file):
        try:
            found()
        except OSError as error:  # ssl.SSLError is one
            reason = error.strerror or type(error).__name__
            yield f"{section}.certificate", f"certificate and key cannot be used ({reason})"
