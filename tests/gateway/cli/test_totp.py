"""`otpgate totp` and `otpgate skyvern-url`, as their users call them."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from core.totp import parse_secret

SEED = "JBSWY3DPEHPK3PXP"
Client = Callable[..., Any]


def now() -> set[str]:
    """The code of now and the one before: a test may run over the end of a step."""
    secret = parse_secret(SEED)
    step = secret.step(datetime.now(UTC))
    return {secret.at(step), secret.at(step - 1)}


def qr(text: str) -> bytes:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    out = io.BytesIO()
    Image.fromarray(code.to_image(scale=4, add_quiet_zones=True)).save(out, "PNG")
    return out.getvalue()


def test_a_secret_from_standard_input_makes_codes(client: Client) -> None:
    added = client("totp", "add", "t1@example.com", stdin="jbsw y3dp ehpk 3pxp\n")
    assert (added.code, added.out) == (0, "")
    shown = client("totp", "code", "t1@example.com")
    assert (shown.code, shown.out.strip() in now()) == (0, True)
    waited = client("wait", "t1@example.com", "--kind", "totp")
    assert (waited.code, waited.out.strip() in now()) == (0, True)


def test_a_secret_as_an_argument_a_uri_and_a_picture(client: Any) -> None:
    (client.folder / "qr.png").write_bytes(qr(f"otpauth://totp/Acme:t2?secret={SEED}"))
    for secret in (SEED, f"otpauth://totp/Two:t2?secret={SEED}", "qr.png"):
        assert client("totp", "add", "t2@example.com", secret).code == 0
    listed = client("totp", "list")
    rows = [line.split("\t") for line in listed.out.splitlines() if line.startswith("t2@")]
    assert [(row[1], row[3]) for row in rows] == [
        (issuer, "totp, 6 digits, SHA1, 30 s") for issuer in ("", "Acme", "Two")
    ]


def test_several_issuers_are_named_and_one_can_be_removed(client: Client) -> None:
    for issuer in ("GitHub", "Acme"):
        assert client("totp", "add", "t3@example.com", SEED, "--issuer", issuer).code == 0
    asked = client("totp", "code", "t3@example.com")
    assert asked.code == 1
    assert "Acme and GitHub" in asked.err
    assert client("totp", "code", "t3@example.com", "--issuer", "github").out.strip() in now()
    assert client("totp", "remove", "t3@example.com", "--issuer", "Acme").code == 0
    assert client("totp", "code", "t3@example.com").code == 0


def test_an_export_is_imported_entry_by_entry(client: Any) -> None:
    items = [
        {"name": "GitHub", "login": {"username": "t4@example.com", "totp": SEED}},
        {"name": "Bank", "login": {"username": "bob", "totp": SEED}},
        {"name": "Broken", "login": {"username": "t4@example.com", "totp": "0189"}},
    ]
    (client.folder / "export.json").write_text(json.dumps({"items": items}))
    first = client("totp", "import", "export.json")
    assert first.code == 1
    assert first.out.splitlines() == ["t4@example.com\tGitHub"]
    assert "--identifier" in first.err
    assert "Broken" in first.err
    second = client("totp", "import", "export.json", "--identifier", "t5@example.com")
    assert second.out.splitlines() == ["t4@example.com\tGitHub", "t5@example.com\tBank"]
    assert client("totp", "code", "t5@example.com").out.strip() in now()


@pytest.mark.parametrize("secret", ["not base32!", "otpauth://totp/x?secret=", "A"])
def test_what_is_no_secret_ends_with_a_reason_that_does_not_show_it(client: Client, secret: str) -> None:
    ended = client("totp", "add", "t6@example.com", stdin=secret)
    assert (ended.code, ended.out) == (1, "")
    assert "secret" in ended.err
    assert "not base32!" not in ended.err


def test_asking_for_a_code_of_nobody_says_so(client: Client) -> None:
    ended = client("totp", "code", "nobody@example.com")
    assert (ended.code, ended.out) == (1, "")


def test_a_wait_for_a_code_without_a_secret_says_how_to_add_one(client: Client) -> None:
    ended = client("wait", "nobody@example.com", "--kind", "totp", "--timeout", "0")
    assert ended.code == 3
    assert "otpgate totp add nobody@example.com" in ended.err


def test_a_pull_address_is_printed_and_hands_out_the_code(client: Client) -> None:
    client("totp", "add", "t7@example.com", SEED)
    made = client("skyvern-url", "t7@example.com", "--kind", "totp")
    assert made.code == 0
    answer = httpx.post(made.out.strip(), content=b'{"workflow_run_id":"wr_1"}', timeout=40)
    assert answer.json()["verification_code"] in now()


def test_rotating_keys_says_what_was_done_and_where_the_old_key_is(client: Client) -> None:
    client("totp", "add", "t8@example.com", SEED)
    ended = client("rotate-keys")
    assert ended.code == 0
    assert "rows are sealed with key" in ended.out
    assert "encryption.key.retired" in ended.err
    assert client("totp", "code", "t8@example.com").out.strip() in now()
