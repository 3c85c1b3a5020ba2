"""A certificate on disk, read again when it changes."""

import ssl
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
