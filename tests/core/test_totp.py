"""Codes from secrets: the published vectors, and every way in which people write a secret."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidRequestError
from core.totp import Hash, Method, Secret, clean_name, parse_secret, seed_of, write_uri

RFC_KEYS = {
    Hash.SHA1: b"12345678901234567890",
    Hash.SHA256: b"12345678901234567890123456789012",
    Hash.SHA512: b"1234567890123456789012345678901234567890123456789012345678901234",
}
NAMES = st.text(max_size=40).map(lambda name: clean_name(name.replace(":", " ")))
COMMON: dict[str, st.SearchStrategy[object]] = {
    "seed": st.binary(min_size=1, max_size=64).map(seed_of),
    "hash": st.sampled_from(Hash),
    "digits": st.sampled_from([6, 7, 8]),
    "issuer": NAMES.filter(lambda name: name.lower() != "steam"),
    "account": NAMES,
}
SECRETS = st.builds(Secret, period=st.integers(1, 3600), **COMMON) | st.builds(
    Secret, method=st.just(Method.HOTP), counter=st.integers(0, 2**62 - 1), **COMMON
)


def at(seconds: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "digest", "code"),
    [
        (59, Hash.SHA1, "94287082"),
        (59, Hash.SHA256, "46119246"),
        (59, Hash.SHA512, "90693936"),
        (1111111109, Hash.SHA1, "07081804"),
        (1111111109, Hash.SHA256, "68084774"),
        (1111111109, Hash.SHA512, "25091201"),
        (1111111111, Hash.SHA1, "14050471"),
        (1111111111, Hash.SHA256, "67062674"),
        (1111111111, Hash.SHA512, "99943326"),
        (1234567890, Hash.SHA1, "89005924"),
        (1234567890, Hash.SHA256, "91819424"),
        (1234567890, Hash.SHA512, "93441116"),
        (2000000000, Hash.SHA1, "69279037"),
        (2000000000, Hash.SHA256, "90698825"),
        (2000000000, Hash.SHA512, "38618901"),
        (20000000000, Hash.SHA1, "65353130"),
        (20000000000, Hash.SHA256, "77737706"),
        (20000000000, Hash.SHA512, "47863826"),
    ],
)
def test_the_vectors_of_rfc_6238_appendix_b(seconds: int, digest: Hash, code: str) -> None:
    secret = Secret(seed=seed_of(RFC_KEYS[digest]), hash=digest, digits=8)
    assert secret.at(secret.step(at(seconds))) == code


def test_the_vectors_of_rfc_4226_appendix_d() -> None:
    secret = Secret(seed=seed_of(RFC_KEYS[Hash.SHA1]), method=Method.HOTP)
    expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    assert [secret.at(counter) for counter in range(10)] == expected


@pytest.mark.parametrize("digest", Hash)
@pytest.mark.parametrize("digits", [6, 8])
@pytest.mark.parametrize("period", [30, 60])
def test_every_hash_length_and_period_agrees_with_pyotp(digest: Hash, digits: int, period: int) -> None:
    secret = parse_secret(
        f"otpauth://totp/X:y?secret={seed_of(RFC_KEYS[digest])}&algorithm={digest}&digits={digits}&period={period}"
    )
    other = pyotp.parse_uri(write_uri(secret))
    assert isinstance(other, pyotp.TOTP)
    for seconds in (0, 59, 1_700_000_000, 4_102_444_799):
        assert secret.at(secret.step(at(seconds))) == other.at(at(seconds))


def test_steam_codes_are_five_letters_of_steams_alphabet() -> None:
    secret = parse_secret("steam://" + seed_of(RFC_KEYS[Hash.SHA1]))
    other = pyotp.contrib.Steam(secret.seed)
    for seconds in (0, 59, 1_700_000_000):
        assert secret.at(secret.step(at(seconds))) == other.at(at(seconds))
    by_uri = parse_secret(f"otpauth://totp/Steam:gabe?secret={secret.seed}&issuer=Steam")
    assert (by_uri.method, by_uri.digits) == (Method.STEAM, 5)


def test_the_eighty_bit_secrets_that_most_sites_hand_out_make_codes() -> None:
    assert parse_secret("JBSWY3DPEHPK3PXP").at(0) == "282760"


def test_a_step_lasts_until_the_next_one_begins() -> None:
    secret = Secret(seed="MFRGG", period=30)
    assert secret.step(at(59.999999)) == 1
    assert secret.step(at(60)) == 2
    assert secret.begins(2) == at(60)
    assert secret.valid_for(at(59.5)) == timedelta(seconds=0.5)
    assert secret.valid_for(at(60)) == timedelta(seconds=30)


@pytest.mark.parametrize(
    "written",
    [
        "JBSWY3DPEHPK3PXP",
        "jbsw y3dp ehpk 3pxp",
        " JBSW-Y3DP-EHPK-3PXP \n",
        "jbsw\u00a0y3dp\u200behpk_3pxp",
        "JBSWY3DPEHPK3PXP======",
        "otpauth://totp/alice?secret=jbswy3dpehpk3pxp",
        "OTPAUTH://TOTP/alice?SECRET=JBSW%20Y3DP%20EHPK%203PXP",
    ],
)
def test_base32_is_read_however_it_is_spaced_or_cased(written: str) -> None:
    assert parse_secret(written).seed == "JBSWY3DPEHPK3PXP"


def test_a_uri_says_everything() -> None:
    secret = parse_secret(
        "otpauth://totp/Example%20Ltd:alice%40example.com"
        "?secret=MFRGGZDF&issuer=Example%20Ltd&algorithm=SHA512&digits=8&period=60"
    )
    assert secret == Secret(
        seed="MFRGGZDF",
        hash=Hash.SHA512,
        digits=8,
        period=60,
        issuer="Example Ltd",
        account="alice@example.com",
    )
    counted = parse_secret("otpauth://hotp/Bank:bob?secret=MFRGGZDF&counter=41")
    assert (counted.method, counted.counter, counted.issuer) == (Method.HOTP, 41, "Bank")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "empty"),
        ("not base32 at all!", "base32"),
        ("0189", "base32"),
        ("A", "base32"),
        ("otpauth://totp/x", "empty"),
        ("otpauth://totp/x?secret=MFRGG&digits=5", "digits"),
        ("otpauth://totp/x?secret=MFRGG&digits=nine", "digits"),
        ("otpauth://totp/x?secret=MFRGG&period=0", "period"),
        ("otpauth://totp/x?secret=MFRGG&algorithm=MD5", "algorithm"),
        ("otpauth://yaotp/x?secret=MFRGG", "type"),
        ("otpauth://hotp/x?secret=MFRGG&counter=-1", "counter"),
        ("otpauth://[/x?secret=MFRGG", "cannot be read"),
        ("A" * 3000, "too long"),
    ],
)
def test_what_is_no_secret_is_refused_with_a_reason(written: str, complaint: str) -> None:
    with pytest.raises(InvalidRequestError, match=complaint):
        parse_secret(written)


def test_neither_errors_nor_reprs_show_a_secret() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_secret("otpauth://totp/x?secret=TOPSECRET1&digits=9")
    assert "TOPSECRET" not in str(caught.value)
    assert "MFRGG" not in repr(parse_secret("MFRGG"))


def test_names_are_shown_without_what_could_drive_a_terminal() -> None:
    secret = parse_secret("otpauth://totp/x?secret=MFRGG&issuer=Evil%1b%5B2J%E2%80%AEcorp")
    assert secret.issuer == "Evil[2Jcorp"


@given(SECRETS)
def test_a_written_uri_is_read_back_as_it_was(secret: Secret) -> None:
    assert parse_secret(write_uri(secret)) == secret


def test_a_steam_secret_survives_its_uri() -> None:
    secret = parse_secret("steam://MFRGGZDF")
    assert parse_secret(write_uri(secret)) == secret


@given(st.text(max_size=300) | st.text(max_size=200).map(lambda rest: "otpauth://totp/" + rest))
def test_any_text_is_a_secret_or_a_refusal(text: str) -> None:
    try:
        secret = parse_secret(text)
    except InvalidRequestError:
        return
    assert len(secret.at(1)) in {5, 6, 7, 8}
