"""SMS that providers and phones post to a running gateway, signed as they sign."""

import itertools
import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.conftest import Serve
from tests.gateway.providers.sending import post
from tests.gateway.providers.texting import HOOKS, SECRET, SENDERS, ping, smsgate, vonage
from tests.running import ACCOUNT, CONFIG, PUBLIC_URL, ROOT, Gateway, Json, twilio_signature

SENDER = "+15005550006"
CONFIGURED = CONFIG.replace("[identifiers]", '[identifiers]\ndefault_region = "US"') + HOOKS
CONFIGURED += f"""
[hooks.sims]
provider = "smsgate"
signing_key = "{SECRET}"
sim_numbers = ["+15551230000"]
[hooks.token]
provider = "mapped"
secret = "{SECRET}"
text = "$.text"
number = "+15551230000"
heartbeat_token = "a-token-of-life"
"""
TEXT = "Your Acme code is 482913. Grüße & mehr"


@pytest.fixture(scope="module")
def door(serve: Serve) -> Gateway:
    """A gateway with a hook for each SMS sender."""
    return serve(CONFIGURED)


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def codes(gateway: Gateway, number: str) -> list[str]:
    found = gateway.api.get("/v1/codes", params={"identifier": number}).json()["codes"]
    return [code["value"] for code in found]


def test_a_code_comes_by_each_of_them_and_its_repeat_adds_nothing(door: Gateway, sender: str, number: str) -> None:
    request = SENDERS[sender](number, SENDER, TEXT, uuid.uuid4().hex)
    for _ in range(2):
        answer = post(door.url, request)
        assert answer.status_code == 200, answer.text
    code = door.latest(number)["code"]
    assert (code["value"], code["channel"], code["route"]) == ("482913", "sms", "provider")
    assert (code["identifier"], code["sender"]) == (number, SENDER)
    assert codes(door, number) == ["482913"]


def test_the_same_sms_by_twilio_and_by_each_of_them_is_one_code(door: Gateway, sender: str, number: str) -> None:
    assert door.sms(number, TEXT).status_code == 200
    assert post(door.url, SENDERS[sender](number, SENDER, TEXT, uuid.uuid4().hex)).status_code == 200
    assert codes(door, number) == ["482913"]
    assert post(door.url, SENDERS[sender](number, SENDER, "Acme: 771177", uuid.uuid4().hex)).status_code == 200
    assert codes(door, number) == ["771177", "482913"]


@pytest.mark.parametrize("who", ["22395", "Acme"])
def test_a_short_code_or_a_name_stays_as_it_is(door: Gateway, sender: str, number: str, who: str) -> None:
    assert post(door.url, SENDERS[sender](number, who, TEXT, uuid.uuid4().hex)).status_code == 200
    assert door.latest(number, sender=who)["code"]["sender"] == who


def test_whoever_signs_otherwise_is_refused_alike(door: Gateway, sender: str, number: str) -> None:
    path, body, headers = SENDERS[sender](number, SENDER, TEXT, "1")
    changed = re.sub(rb"(sign?=)[^&]{4}", rb"\1AAAA", body)
    wrong = {name: text if name == "content-type" else f"{text[:-3]}AAA" for name, text in headers.items()}
    answer = post(door.url, (path, changed, wrong))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:otpgate:problem:hook-refused")
    assert codes(door, number) == []


@pytest.mark.parametrize("sender", ["plivo_v2", "sms_forwarder"])
def test_a_signature_that_covers_no_body_stands_for_one_sms(door: Gateway, sender: str, number: str) -> None:
    """Whoever heard it could send what he likes."""
    path, body, headers = SENDERS[sender](number, SENDER, TEXT, number)
    made_up = body.replace(b"482913", b"666666")
    answers = [post(door.url, (path, told, headers)).status_code for told in (body, made_up, body)]
    assert answers == [200, 403, 200]
    assert codes(door, number) == ["482913"]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))), ids=str)
def test_a_long_sms_is_joined_whatever_the_order_of_its_parts(
    door: Gateway, number: str, order: tuple[int, ...]
) -> None:
    """The code itself is cut in two; a part that comes twice adds nothing."""
    texts = ["Dear customer, thank you for using Acme. Your verification code is 48", "2913. Do not ", "share it."]
    for part in (*order, order[0]):
        told = {"concat": "true", "concat-ref": "117", "concat-total": "3", "concat-part": str(part)}
        request = vonage(number, SENDER, texts[part - 1], f"{number}-{part}", **told)
        assert post(door.url, request).status_code == 200
    assert codes(door, number) == ["482913"]


def test_a_call_is_answered_and_the_code_that_it_speaks_is_read(door: Gateway, number: str) -> None:
    call = {"AccountSid": ACCOUNT, "CallSid": f"CA{uuid.uuid4().hex}", "From": SENDER, "To": number}
    ringing = {**call, "CallStatus": "ringing"}
    url = f"{PUBLIC_URL}/hooks/voice"
    answer = door.hook(ringing, twilio_signature(ringing, url), "/hooks/voice")
    (transcription,) = ET.fromstring(answer.text).iter("Transcription")  # noqa: S314 - our own answer
    back = transcription.attrib["statusCallbackUrl"]
    said = {"transcript": "Your Acme code is four eight two, nine one three.", "confidence": 0.95}
    event = {"TranscriptionEvent": "transcription-content", "TranscriptionSid": "GT1", "SequenceId": "2"}
    sentence = {"AccountSid": ACCOUNT, "CallSid": call["CallSid"], **event, "TranscriptionData": json.dumps(said)}
    path = f"/hooks/voice?{urlsplit(back).query}"
    for _ in range(2):
        assert door.hook(sentence, twilio_signature(sentence, back), path).status_code == 200
    assert codes(door, number) == ["482913"]
    assert (
        door.hook(sentence, twilio_signature(sentence, url), "/hooks/voice?To=%2B15550001111").status_code == 403
    )


def speak(door: Gateway, number: str, sentences: Sequence[str], *, over: bool = False) -> None:
    """A call that says these sentences, each transcribed as it is spoken; and then ends."""
    call = {"AccountSid": ACCOUNT, "CallSid": f"CA{uuid.uuid4().hex}", "TranscriptionSid": f"GT{uuid.uuid4().hex}"}
    path = f"/hooks/voice?{urlencode({'From': SENDER, 'To': number})}"
    told = [{"TranscriptionData": json.dumps({"transcript": words})} for words in sentences]
    events = [{"TranscriptionEvent": "transcription-content", **data} for data in told]
    ending = [{"TranscriptionEvent": "transcription-stopped"}] if over else []
    for place, event in enumerate([*events, *ending], start=2):
        form = {**call, **event, "SequenceId": str(place)}
        assert door.hook(form, twilio_signature(form, PUBLIC_URL + path), path).status_code == 200


SAID_TWICE = (
    "Your verification code is four eight two, nine one three.",
    "Again, your code is four eight two nine one three. Goodbye.",
)


@pytest.mark.parametrize(
    ("sentences", "found"),
    [
        (SAID_TWICE, ["482913"]),
        (("Your code is three three one.", "eight five seven. Goodbye."), ["331857"]),
        (("Your code is three three one eight.", "five seven. Goodbye."), ["331857"]),
        (("Your code is three three one eight five.", "seven. Goodbye."), ["331857"]),
        (("Your code is four eight two nine.", "Goodbye."), ["4829"]),
        (("Your code is four eight nine nine one three.", SAID_TWICE[1]), ["482913", "489913"]),
        ((SAID_TWICE[0], "One more time: four eight two nine one three."), ["482913"]),
    ],
    ids=[
        "said twice",
        "cut in two",
        "cut after four",
        "cut after five",
        "short",
        "heard wrongly at first",
        "once more",
    ],
)
def test_a_call_gives_each_code_that_it_speaks_once(
    door: Gateway, number: str, sentences: Sequence[str], found: list[str]
) -> None:
    speak(door, number, sentences)
    assert codes(door, number) == found


@pytest.mark.parametrize(
    ("sentences", "found"),
    [
        (("Your code is four eight two nine.",), ["4829"]),
        (("Hello.", "Your code is four eight two nine.", "four eight two nine."), ["4829"]),
        (SAID_TWICE, ["482913"]),
        ((), []),
    ],
)
def test_what_a_call_says_last_is_read_when_it_ends(
    door: Gateway, number: str, sentences: Sequence[str], found: list[str]
) -> None:
    speak(door, number, sentences, over=True)
    assert codes(door, number) == found


def test_a_run_that_waits_while_half_a_code_is_spoken_gets_the_whole(door: Gateway, number: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(door.claim, number, run_id="r", wait=30)
        speak(door, number, ["Your code is three three one eight.", "five seven. Goodbye."])
        assert waiting.result()["claim"]["value"] == "331857"


def test_another_call_with_the_same_code_is_another_code(door: Gateway, number: str) -> None:
    for _ in range(2):
        speak(door, number, SAID_TWICE)
    assert codes(door, number) == ["482913"] * 2


@pytest.mark.parametrize("secret", [SECRET, "the-secret-after-it"])
def test_what_the_configured_path_does_not_find_is_named(door: Gateway, secret: str) -> None:
    headers = {"x-otpgate-secret": secret, "content-type": "application/json"}
    answer = post(door.url, ("/hooks/mapped", b'{"payload": {"from": "Acme", "id": 1}}', headers))
    assert answer.status_code == 400
    assert "recipient ($.payload.to), text ($.payload.message)" in answer.json()["detail"]
    assert post(door.url, ("/hooks/mapped", b'{"alive": 1}', headers)).status_code == 200
    assert httpx.get(f"{door.url}/hooks/mapped", headers=headers).status_code == 405


def kept_for(gateway: Gateway, whom: str) -> list[Json]:
    """What was kept for somebody who is no identifier, each with all that is known of it."""
    listed = gateway.api.get("/v1/messages", params={"limit": 200}).json()["messages"]
    return [gateway.api.get(f"/v1/messages/{one['id']}").json() for one in listed if one["identifier"] == whom]


def test_an_sms_for_nobody_that_is_known_is_kept_and_not_handed_out(
    door: Gateway, sender: str, number: str
) -> None:
    """As a mail for an unknown recipient is: nobody who brings it could mend that, and a person can look."""
    request = SENDERS[sender](f"Alice {number}", SENDER, TEXT, number)
    for _ in range(2):
        answer = post(door.url, request)
        assert answer.status_code == 200, answer.text
    (kept,) = kept_for(door, f"Alice {number}")
    assert (kept["verdict"], kept["text"]) == ("unknown recipient", TEXT)
    assert "neither a mailbox nor a phone number" in kept["identity_evidence"]
    listed = door.api.get("/v1/codes", params={"limit": 200}).json()["codes"]
    assert f"Alice {number}" not in {code["identifier"] for code in listed}


def test_an_sms_of_a_sim_without_a_number_says_what_to_set(door: Gateway, number: str) -> None:
    _, body, headers = smsgate("", SENDER, f"Your code is {number[-6:]}", number, sim=3)
    assert post(door.url, ("/hooks/sims", body, headers)).status_code == 200
    (kept,) = kept_for(door, "SIM 3, not in sim_numbers")
    assert kept["verdict"] == "unknown recipient"


def test_an_outage_loses_no_sms_of_vonages_and_a_replay_adds_none(door: Gateway, number: str) -> None:
    """Vonage comes back for a day with the time of its first attempt."""
    hours_ago = [str(int(time.time()) - hours * 3600) for hours in (23, 26)]
    late, too_late = (vonage(number, SENDER, TEXT, f"{number}-{at}", timestamp=at) for at in hours_ago)
    for _ in range(2):
        assert post(door.url, late).status_code == 200
    assert post(door.url, too_late).status_code == 403
    assert codes(door, number) == ["482913"]


def test_numbers_are_read_by_the_default_region(door: Gateway, number: str) -> None:
    """A phone tells numbers as people write them."""
    national = number.removeprefix("+1")
    assert door.sms(number, TEXT, sender="+16505551212").status_code == 200
    assert (
        post(door.url, smsgate(f"({national[:3]}) {national[3:]}", "6505551212", TEXT, number)).status_code == 200
    )
    assert codes(door, number) == ["482913"]
    assert post(door.url, smsgate(national, "(650) 555-1212", "Acme: 771177", f"{number}-2")).status_code == 200
    assert door.latest(number, sender="+16505551212")["code"]["value"] == "771177"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_heartbeat_at_its_own_address_may_come_by_any_method(door: Gateway, method: str) -> None:
    """Schedulers and uptime checks ask by GET or HEAD."""
    url = f"{door.url}/hooks/token?heartbeat="
    assert httpx.request(method, f"{url}a-token-of-life").status_code == 200
    assert httpx.request(method, f"{url}another").status_code == 403
    assert httpx.request(method, f"{door.url}/hooks/token").status_code == 403


def silent(gateway: Gateway) -> float:
    (found,) = re.findall(
        r'^otpgate_hook_silent\{hook="phone"\} (.*)$', gateway.api.get("/metrics").text, re.MULTILINE
    )
    return float(found)


def wait_until_silent(gateway: Gateway, wanted: float) -> None:
    end = time.monotonic() + 60
    while silent(gateway) != wanted:
        assert time.monotonic() < end, f"otpgate_hook_silent did not become {wanted}"
        time.sleep(0.1)


def doctor(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("doctor") / "otpgate.toml"
    file.write_text(CONFIGURED, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "gateway",
        "doctor",
        "--config",
        str(file),
        "--data-dir",
        str(gateway.data_dir),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return " ".join(done.stdout.split())


def test_a_phone_that_falls_silent_shows_everywhere_once_until_its_heartbeat(
    door: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A heartbeat counts as life and stores nothing."""
    wait_until_silent(door, 1)
    assert "hooks.phone" in door.api.get("/readyz").json()["warnings"]
    assert "heartbeat hooks.phone" in (found := doctor(door, tmp_path_factory))
    assert "nothing heard since" in found
    before = len(door.api.get("/v1/messages", params={"limit": 200}).json()["messages"])
    assert post(door.url, ping()).status_code == 200
    wait_until_silent(door, 0)
    assert door.api.get("/readyz").json()["warnings"] == {}
    assert len(door.api.get("/v1/messages", params={"limit": 200}).json()["messages"]) == before
    events = [json.loads(line) for line in door.lines if '"hook_silent"' in line or '"hook_heard_again"' in line]
    assert [event["event"] for event in events] == ["hook_silent", "hook_heard_again"]


def test_no_line_of_the_log_holds_a_code_a_secret_or_a_text(door: Gateway) -> None:
    log = "".join(door.lines)
    for secret in ("482913", SECRET, "Your Acme code", urlencode({"": TEXT})[1:20], "771177"):
        assert secret not in log
