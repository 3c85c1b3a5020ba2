"""A road to the gateway on which answers get lost."""

import select
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(kw_only=True)
class Road:
    """A way to the gateway that loses answers: the request arrives, what comes back does not."""

    door: socket.socket
    target: tuple[str, int] = ("", 0)
    losing: str = ""
    """Part of a request line whose answers get lost."""
    answers_to_lose: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its near end."""
        return f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def lead_to(self, url: str) -> None:
        """From now on, a request comes out at that gateway."""
        far = urlsplit(url)
        self.target = (str(far.hostname), int(far.port or 0))

    def open(self) -> None:
        """Take cars until the door is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.door.accept()
                threading.Thread(target=self._drive, args=(near,), daemon=True).start()

    def _drive(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(self.target) as far:
            request = b""
            while True:
                for ready in select.select([near, far], [], [])[0]:
                    data = ready.recv(65536)
                    if not data or (ready is far and self._loses(request)):
                        return
                    request = data if data.startswith(b"POST ") else request
                    (far if ready is near else near).sendall(data)

    def _loses(self, request: bytes) -> bool:
        line = request.split(b"\r\n")[0].decode("ascii", "replace")
        if self.losing not in line or len(self.lost) >= self.answers_to_lose:
            return False
        self.lost.append(line)
        return True
