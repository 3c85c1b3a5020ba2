"""`otpgate demo`: a mail and a signed SMS in, both codes out."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gateway.cli.conftest import Program


def test_both_codes_come_out_with_their_times_and_nothing_stays(otpgate: "Program") -> None:
    ended = otpgate("demo", OTPGATE_SMTP__LISTEN="203.0.113.1:25", TMPDIR=str(otpgate.folder))
    assert (ended.code, ended.err) == (0, "")
    assert len(re.findall(r"^  [1-9][0-9]{5} is claimed and accepted  [0-9.]+ ms", ended.out, re.MULTILINE)) == 2
    assert "\x1b" not in ended.out
    assert list(otpgate.folder.iterdir()) == []
