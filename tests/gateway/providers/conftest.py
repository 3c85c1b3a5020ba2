"""A loopback server that answers for the providers' own APIs, with files from the folders of this package."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class _Api(BaseHTTPRequestHandler):
    """Serves `NAME/served/PATH`, in which `@served` stands for its own address; a folder answers with nothing."""

    def do_GET(self) -> None:
        """Answers one request."""
        path = self.path.partition("?")[0].strip("/")
        file = (HERE / path).resolve()
        found = file.is_file() and file.is_relative_to(HERE)
        address = f"http://{self.headers['Host']}/{path.partition('/')[0]}/served"
        body = file.read_bytes().replace(b"@served", address.encode()) if found else b""
        self.send_response(200 if found or file.is_dir() else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="session")
def served() -> Iterator[str]:
    """The server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
