"""SMTP conversations as text, in tests/dialogues: a postmaster can read them.

`C:` is a line of the client, `C>` bytes with Python's escapes and no line end added, `S:` the
beginning of a line of the server, `S: (closed)` its end, `D:` the number of mails stored so far.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gateway.smtp.conftest import Gateway
    from tests.peers import Peer

DIALOGUES = sorted((Path(__file__).parents[2] / "dialogues").glob("*.txt"))


def play(line: str, peer: "Peer", gateway: "Gateway") -> None:
    speaker, _, words = line.partition(" ")
    if speaker == "C:":
        peer.send(words.encode() + b"\r\n")
    elif speaker == "C>":
        peer.send(words.encode("latin-1").decode("unicode_escape").encode("latin-1"))
    elif speaker == "S:":
        heard = peer.line() or "(closed)"
        assert heard.startswith(words), f"{heard!r} after {line!r}"
    elif speaker == "D:":
        assert len(gateway.stored) == int(words)
    else:
        pytest.fail(f"no speaker in {line!r}")


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda path: path.stem)
def test_the_dialogue_goes_as_written(dialogue: Path, gateway: "Gateway") -> None:
    peer = gateway.connect()
    for line in dialogue.read_text().splitlines():
        if line and not line.startswith("#"):
            play(line, peer, gateway)


def test_there_are_dialogues() -> None:
    assert len(DIALOGUES) > 10
