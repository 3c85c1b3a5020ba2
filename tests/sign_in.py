"""An OAuth provider on loopback: RFC 8628, codes with PKCE, refresh tokens that rotate, introspection."""

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CLIENT, SECRET = "the-client", "the-client-secret"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
Form = dict[str, str]


class SignInServer:
    """A provider whose user signs in at once, once `errors` have been told to those who poll."""

    def __init__(self, user: str = "user@example.com") -> None:
        self.user = user
        self.errors: list[str] = []
        """What the next polls are told."""
        self.lasts = 3600
        self.refreshes, self.reused = 0, 0
        self.challenge = ""
        self._access, self._refresh = set[str](), ""
        self._codes = {"device": secrets.token_urlsafe(), "browser": secrets.token_urlsafe()}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
                status, answer = outer.answer(self.path, form)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing: what passes is secret."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def signed_in_by(self, address: str) -> str:
        """Where the browser ends when somebody signs in at that address."""
        query = {name: values[0] for name, values in parse_qs(address.partition("?")[2]).items()}
        self.challenge = query["code_challenge"]
        return f"{query['redirect_uri']}?code={self._codes['browser']}&state={query['state']}&scope=mail"

    def revoke(self) -> None:
        """No access token that was given is good any more."""
        self._access.clear()

    def answer(self, path: str, form: Form) -> tuple[int, dict[str, Any]]:
        if path == "/introspect":
            known = form.get("token") in self._access
            return 200, {"active": known, "email": self.user, "username": self.user}
        if path == "/device":
            told = {
                "device_code": self._codes["device"],
                "user_code": "WDJB-MJHT",
                "expires_in": 60,
                "interval": 0,
            }
            return 200, {**told, "verification_uri": f"{self.url}/go"}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        grants = {
            DEVICE_GRANT: lambda form: form["device_code"] == self._codes["device"],
            "authorization_code": self._proven,
            "refresh_token": self._known,
        }
        if form["grant_type"] == DEVICE_GRANT and self.errors:
            return 400, {"error": self.errors.pop(0)}
        return (200, self._tokens()) if grants[form["grant_type"]](form) else (400, {"error": "invalid_grant"})

    def _proven(self, form: Form) -> bool:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
        return proven and form["code"] == self._codes["browser"]

    def _known(self, form: Form) -> bool:
        self.refreshes += 1
        self.reused += form["refresh_token"] != self._refresh
        return form["refresh_token"] == self._refresh

    def _tokens(self) -> dict[str, Any]:
        token, self._refresh = secrets.token_urlsafe(), secrets.token_urlsafe()
        self._access.add(token)
        return {
            "access_token": token, "refresh_token": self._refresh, "expires_in": self.lasts, "token_type": "Bearer"
        }  # fmt: skip
