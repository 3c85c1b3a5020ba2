"""Asks for a code as Skyvern does, at an address made for its `totp_url`, and prints it.

    OTPGATE_URL=… OTPGATE_KEY=… SKYVERN_API_KEY=… python skyvern_pull.py user@example.com wr_123456

Skyvern itself needs only the address: `otpgate skyvern-url user@example.com` prints one. It asks every ten seconds
and signs the exact bytes that it sends; each request is held until a code comes, and answering accepts it.
"""

import hmac
import json
import os
import sys
import time

import httpx

PATIENCE, PAUSE = 30.0, 10.0


def pull(address: str, run: str, key: str) -> str:
    """The code for that workflow run; "" when none came while the request was held."""
    body = json.dumps({"workflow_run_id": run}, separators=(",", ":")).encode()
    signature = hmac.new(key.encode(), body, "sha256").hexdigest()
    headers = {"x-skyvern-timestamp": str(int(time.time())), "x-skyvern-signature": signature}
    answer = httpx.post(address, content=body, headers=headers, timeout=PATIENCE).raise_for_status()
    return str(answer.json()["verification_code"])


def main(mailbox: str, run: str) -> None:
    """Make an address, then ask there until a code comes."""
    made = httpx.post(
        f"{os.environ['OTPGATE_URL']}/v1/skyvern/urls",
        json={"identifier": mailbox, "kind": "code"},
        headers={"x-api-key": os.environ["OTPGATE_KEY"]},
    )
    address = made.raise_for_status().json()["url"]
    while not (code := pull(address, run, os.environ["SKYVERN_API_KEY"])):
        time.sleep(PAUSE)
    print(code)  # noqa: T201 - what it is called for


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
