"""`/v1/totp` over HTTP: secrets go in and never come out, codes do."""

import base64
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from core.totp import parse_secret
from tests.running import Gateway

SEED = base64.b32encode(b"12345678901234567890123456789012").decode().rstrip("=")
COMBINATIONS = [
    pytest.param(*one, id="-".join(map(str, one)))
    for one in itertools.product(("SHA1", "SHA256", "SHA512"), (6, 8), (30, 60))
]


def near(seed: str, digits: int, digest: str, period: int) -> set[str]:
    """What an authenticator app shows now, or showed or will show a moment away."""
    secret = parse_secret(f"otpauth://totp/x?secret={seed}&digits={digits}&algorithm={digest}&period={period}")
    step = secret.step(datetime.now(UTC))
    return {secret.at(step - 1), secret.at(step)}


@pytest.mark.parametrize(("digest", "digits", "period"), COMBINATIONS)
def test_every_hash_length_and_period(
    gateway: Gateway, someone: str, digest: str, digits: int, period: int
) -> None:
    uri = pyotp.TOTP(SEED, digits=digits, interval=period, issuer="Acme", name=someone).provisioning_uri()
    put = gateway.api.put(f"/v1/totp/{someone}", json={"secret": f"{uri}&algorithm={digest}"})
    assert put.status_code == 200, put.text
    got = gateway.api.get(f"/v1/totp/{someone}").json()
    assert got["value"] in near(SEED, digits, digest, period)
    assert (got["period"], 0 < got["valid_for"] <= period) == (period, True)
    assert set(got) == {"value", "valid_for", "period"}
    claim = gateway.claim(someone, kinds=["totp"])["claim"]
    assert claim["value"] in near(SEED, digits, digest, period)
    assert (claim["kind"], claim["state"], claim["message_id"]) == ("totp", "claimed", "")


def test_no_answer_holds_the_secret(gateway: Gateway, someone: str) -> None:
    answers = [
        gateway.api.put(f"/v1/totp/{someone}", json={"secret": SEED}),
        gateway.api.get(f"/v1/totp/{someone}"),
        gateway.api.get("/v1/totp"),
        gateway.api.put(f"/v1/totp/{someone}", json={"secret": SEED + "!"}),
        gateway.api.put(f"/v1/totp/{someone}", json={"secret": SEED, "seed": SEED}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 400, 400]
    assert not any(SEED in answer.text for answer in answers)
    assert not any(SEED in line for line in gateway.lines)


def test_several_issuers_and_409_listing_them(gateway: Gateway, someone: str) -> None:
    path = f"/v1/totp/{someone}"
    gateway.api.put(path, params={"issuer": "GitHub"}, json={"secret": SEED})
    gateway.api.put(path, json={"secret": f"otpauth://totp/Acme:{someone}?secret=JBSWY3DPEHPK3PXP"})
    for refused in (
        gateway.api.get(path),
        gateway.api.delete(path),
        gateway.api.post("/v1/claims", json={"identifier": someone, "kinds": ["code", "totp"]}),
    ):
        assert refused.status_code == 409
        assert refused.json()["issuers"] == ["Acme", "GitHub"]
        assert refused.json()["type"].endswith(":ambiguous-issuer")
    assert gateway.api.get(path, params={"issuer": "github"}).status_code == 200
    assert gateway.claim(someone, kinds=["totp"], issuer="Acme")["claim"]["sender"] == "Acme"
    assert gateway.api.delete(path, params={"issuer": "Acme"}).status_code == 204
    assert gateway.api.get(path).json()["value"] in near(SEED, 6, "SHA1", 30)


def test_looking_counts_as_no_hand_out_and_each_look_is_on_record(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": f"otpauth://totp/x?secret={SEED}&period=3600"})
    value = gateway.api.get(f"/v1/totp/{someone}").json()["value"]
    assert gateway.claim(someone, kinds=["totp"], run_id="a")["claim"]["value"] == value
    assert gateway.api.get(f"/v1/totp/{someone}").json()["value"] == value
    nothing = gateway.claim(someone, kinds=["totp"], run_id="b")
    assert nothing["claim"] is None
    assert nothing["diagnosis"].startswith("claimed_by_another_run: ")


def test_a_counters_next_code_is_shown_without_using_it_up(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": f"otpauth://hotp/x?secret={SEED}&counter=5"})
    expected = [pyotp.HOTP(SEED).at(counter) for counter in (5, 5, 6)]
    shown = gateway.api.get(f"/v1/totp/{someone}").json()
    assert shown == {"value": expected[0], "valid_for": None, "period": None}
    assert gateway.claim(someone, kinds=["totp"], run_id="a")["claim"]["value"] == expected[1]
    assert gateway.claim(someone, kinds=["totp"], run_id="b")["claim"]["value"] == expected[2]


def test_a_claim_on_a_code_ends_like_any_other_and_is_in_the_history(gateway: Gateway, someone: str) -> None:
    gateway.api.put(f"/v1/totp/{someone}", json={"secret": SEED})
    claim = gateway.claim(someone, kinds=["totp"], run_id="a", wait=60)["claim"]
    assert gateway.end(claim["claim_id"], "accept").json()["claim"]["state"] == "accepted"
    found = gateway.api.get("/v1/codes", params={"identifier": someone, "kind": "totp"}).json()["codes"]
    assert [code["id"] for code in found] == [claim["code_id"]]


def test_scopes_and_patterns(gateway: Gateway, someone: str) -> None:
    path, secret = f"/v1/totp/{someone}", {"secret": SEED}
    elsewhere = gateway.new_key("totp:write", "claim", only=("*@elsewhere.example",))
    with (
        gateway.client(gateway.new_key("totp:write")) as writer,
        gateway.client(gateway.new_key("claim")) as taker,
        gateway.client(elsewhere) as stranger,
    ):
        assert taker.put(path, json=secret).status_code == 403
        assert stranger.put(path, json=secret).status_code == 404
        assert writer.put(path, json=secret).status_code == 200
        assert writer.get(path).status_code == 403
        assert stranger.get(path).status_code == 404
        assert taker.get(path).status_code == 200
        assert stranger.get("/v1/totp").json() == {"totp": []}
        assert taker.delete(path).status_code == 403
        assert stranger.delete(path).status_code == 404
        assert writer.delete(path).status_code == 204
        assert writer.delete(path).status_code == 404


def test_a_phone_number_is_an_identifier_too(gateway: Gateway, number: str) -> None:
    assert gateway.api.put(f"/v1/totp/{number}", json={"secret": SEED}).status_code == 200
    assert gateway.claim(number, kinds=["totp"])["claim"]["identifier"] == number


def test_secrets_survive_a_restart_and_the_seed_is_nowhere_on_disk(
    serve: Callable[..., Gateway], tmp_path: Path
) -> None:
    gateway = serve(data_dir=tmp_path / "data")
    gateway.api.put("/v1/totp/a@example.com", json={"secret": SEED})
    assert gateway.stop() == 0
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert SEED.encode() not in kept
    assert base64.b32decode(SEED + "=" * (-len(SEED) % 8)) not in kept
    again = serve(data_dir=tmp_path / "data")
    assert again.api.get("/v1/totp/a@example.com").json()["value"] in near(SEED, 6, "SHA1", 30)
