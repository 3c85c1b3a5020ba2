"""Exports of authenticator apps and password managers, written here as those programs write them."""

import base64
import contextlib
import csv
import io
import json
import sys
import zipfile
from urllib.parse import quote

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.authenticators import read_export
from core.errors import InvalidRequestError
from core.totp import Hash, Method

Field = tuple[int, int | bytes]


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def protobuf(fields: list[Field]) -> bytes:
    return b"".join(
        varint(number << 3) + varint(value)
        if isinstance(value, int)
        else varint(number << 3 | 2) + varint(len(value)) + value
        for number, value in fields
    )


def migration(*entries: list[Field], pictures: int = 1) -> str:
    payload = protobuf([*((1, protobuf(entry)) for entry in entries), (2, 1), (3, pictures), (4, 0), (5, 77)])
    return "otpauth-migration://offline?data=" + quote(base64.b64encode(payload).decode(), safe="")


def qr_picture(*texts: str) -> bytes:
    codes = [
        zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=3, add_quiet_zones=True)
        for text in texts
    ]
    sheet = Image.new("L", (sum(c.shape[1] for c in codes), max(c.shape[0] for c in codes)), 255)
    left = 0
    for code in codes:
        sheet.paste(Image.fromarray(code), (left, 0))
        left += code.shape[1]
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


GITHUB: list[Field] = [
    (1, b"Hello!\xde\xad\xbe\xef"),
    (2, b"alice@example.com"),
    (3, b"GitHub"),
    (4, 1),
    (5, 1),
    (6, 2),
]
BANK: list[Field] = [(1, b"12345678901234567890"), (2, b"Bank:bob"), (4, 3), (5, 2), (6, 1), (7, 300)]


def test_google_authenticators_export_gives_every_account() -> None:
    github, bank = read_export(migration(GITHUB, BANK).encode()).secrets
    assert (github.seed, github.issuer, github.account) == ("JBSWY3DPEHPK3PXP", "GitHub", "alice@example.com")
    assert (github.method, github.hash, github.digits) == (Method.TOTP, Hash.SHA1, 6)
    assert (bank.issuer, bank.account, bank.method, bank.counter) == ("Bank", "bob", Method.HOTP, 300)
    assert (bank.hash, bank.digits) == (Hash.SHA512, 8)


def test_a_picture_of_several_says_how_many_are_missing() -> None:
    assert read_export(migration(GITHUB, pictures=3).encode()).missing == 2


def test_an_entry_with_a_hash_that_we_cannot_make_is_named_and_the_others_are_read() -> None:
    export = read_export(migration([*BANK, (4, 4)], GITHUB).encode())
    assert [secret.issuer for secret in export.secrets] == ["GitHub"]
    assert export.unread[0].startswith("Bank: ")


def test_base64_is_read_with_and_without_percent_signs() -> None:
    uri = migration([(1, b"\xfb\xff\xfe\xfb\xff\xfe\xfb\xff\xfe\xfb"), (2, b"a")])
    bare = uri.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")
    assert bare != uri
    assert read_export(bare.encode()) == read_export(uri.encode())


@pytest.mark.parametrize("data", ["", "data=", "data=%%%", "data=AAAA", "data=CgM%3D", "data=" + "A" * 20_000])
def test_a_broken_migration_is_refused_with_what_to_do(data: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_export(f"otpauth-migration://offline?{data}".encode())


@given(st.binary(max_size=300))
def test_any_bytes_for_a_protocol_buffer_are_read_or_refused(raw: bytes) -> None:
    uri = "otpauth-migration://offline?data=" + base64.b64encode(raw).decode()
    try:
        for secret in read_export(uri.encode()).secrets:
            secret.at(1)
    except InvalidRequestError:
        pass


def test_a_list_of_uris_is_read_line_by_line() -> None:
    text = "otpauth://totp/A:x?secret=MFRGG\n\notpauth://totp/B:y?secret=oops1\nMFRGGZDF\n"
    export = read_export(text.encode())
    assert [secret.issuer for secret in export.secrets] == ["A", ""]
    assert len(export.unread) == 1


def test_qr_pictures_are_read_one_or_many() -> None:
    one = read_export(qr_picture("otpauth://totp/A:x?secret=JBSWY3DPEHPK3PXP"))
    assert one.secrets[0].seed == "JBSWY3DPEHPK3PXP"
    two = read_export(qr_picture("otpauth://totp/A:x?secret=JBSWY3DPEHPK3PXP", migration(GITHUB)))
    assert {secret.issuer for secret in two.secrets} == {"A", "GitHub"}


def test_a_picture_without_a_qr_code_and_a_damaged_one_are_told_apart() -> None:
    blank = io.BytesIO()
    Image.new("L", (50, 50), 255).save(blank, "PNG")
    with pytest.raises(InvalidRequestError, match="no QR code"):
        read_export(blank.getvalue())
    with pytest.raises(InvalidRequestError, match="cannot be read"):
        read_export(qr_picture("x")[:60])


def test_without_the_libraries_for_pictures_it_says_which_extra_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = qr_picture("otpauth://totp/A:x?secret=JBSWY3DPEHPK3PXP")
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    with pytest.raises(InvalidRequestError, match=r"otpgate\[qr\]"):
        read_export(picture)


def test_bitwardens_json_gives_the_logins_that_have_a_secret() -> None:
    items = [
        {"name": "GitHub", "login": {"username": "alice@example.com", "totp": "JBSW Y3DP EHPK 3PXP"}},
        {"name": "No second factor", "login": {"username": "alice@example.com", "totp": None}},
        {"name": "A note", "type": 2},
        {"name": "Steam", "login": {"username": "gabe", "totp": "steam://MFRGGZDF"}},
        {"name": "Odd", "login": {"totp": "???"}},
    ]
    export = read_export(json.dumps({"encrypted": False, "items": items}).encode())
    github, steam = export.secrets
    assert (github.issuer, github.account) == ("GitHub", "alice@example.com")
    assert steam.method is Method.STEAM
    assert export.unread[0].startswith("Odd: ")


def test_an_encrypted_bitwarden_export_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidRequestError, match="unencrypted"):
        read_export(b'{"encrypted": true, "data": "2.x"}')


@pytest.mark.parametrize(
    "heading",
    [
        ["folder", "type", "name", "login_uri", "login_username", "login_password", "login_totp"],
        ["Title", "Url", "Username", "Password", "OTPAuth", "Favorite"],
    ],
)
def test_csv_exports_are_read_by_their_headings(heading: list[str]) -> None:
    values = dict.fromkeys(heading, "")
    for name in heading:
        values[name] = {
            "name": "GitHub",
            "title": "GitHub",
            "login_username": "alice@example.com",
            "username": "alice@example.com",
            "login_totp": "JBSWY3DPEHPK3PXP",
            "otpauth": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
        }.get(name.lower(), "")
    out = io.StringIO()
    writer = csv.DictWriter(out, heading)
    writer.writeheader()
    writer.writerow(values)
    writer.writerow(dict.fromkeys(heading, ""))
    (secret,) = read_export(out.getvalue().encode("utf-8-sig")).secrets
    assert (secret.seed, secret.issuer) == ("JBSWY3DPEHPK3PXP", "GitHub")


def one_pux(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export.attributes", "{}")
        archive.writestr("export.data", data)
    return out.getvalue()


def test_1passwords_1pux_gives_its_one_time_password_fields() -> None:
    item = {
        "overview": {"title": "GitHub"},
        "details": {
            "loginFields": [{"designation": "username", "value": "alice@example.com"}],
            "sections": [
                {"fields": [{"title": "note", "value": {"string": "x"}}]},
                {"fields": [{"title": "one-time password", "value": {"totp": "JBSWY3DPEHPK3PXP"}}]},
            ],
        },
    }
    tree = {"accounts": [{"vaults": [{"items": [item, {"item": item}]}]}]}
    secrets = read_export(one_pux(json.dumps(tree).encode())).secrets
    assert [(s.seed, s.issuer, s.account) for s in secrets] == [
        ("JBSWY3DPEHPK3PXP", "GitHub", "alice@example.com")
    ] * 2


@pytest.mark.parametrize("data", [b"", b"{}", b'{"items": 5}', b"Title,OTPAuth\nx,\n", b"\xff\xfe\x00", b"  \n"])
def test_a_file_without_secrets_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        read_export(data)


@given(
    st.binary(max_size=400).flatmap(
        lambda d: st.sampled_from([d, b"PK\x03\x04" + d, b"\x89PNG\r\n" + d, b"{" + d])
    )
)
def test_any_bytes_are_an_export_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(InvalidRequestError):
        read_export(data)
