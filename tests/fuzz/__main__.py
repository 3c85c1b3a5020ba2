"""Fuzzes what reads outside bytes, guided by coverage: `python -m tests.fuzz [TARGET]... [--seconds N]`.

Needs atheris (`make fuzz` installs it). Each target starts from the corpus and runs in a process of its own for
so many seconds. Any exception, and any input that takes 2 s of processor time, ends it with the input kept in
`.cache/fuzz`; the exit status is then 1.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["core"]):
    from core import markup, mime
    from core.extract import extract
    from core.message import Channel, Content

_ROOT = Path(__file__).resolve().parents[2]
_CORPUS = _ROOT / "tests" / "corpus" / "tuned"
_KEPT = _ROOT / ".cache" / "fuzz"
_SLOWEST = 2.0
_HANG = 30
"""Seconds of a clock on the wall after which an input counts as endless, however busy the machine."""
_LONGEST = 300_000


def _mime(data: bytes) -> None:
    mime.read(data)


def _markup(data: bytes) -> None:
    markup.render(data.decode("utf-8", "replace"))


def _extract(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    head, _, body = text.partition("\n")
    extract(Content(channel=Channel.EMAIL, subject=head, text=body, alternative=text))
    extract(Content(channel=Channel.SMS, text=text))


_TARGETS: dict[str, tuple[Callable[[bytes], None], str]] = {
    "mime": (_mime, "*.eml"),
    "markup": (_markup, "*.eml"),
    "extract": (_extract, "*.sms"),
}


def _timed(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        began = time.process_time()
        target(data)
        taken = time.process_time() - began
        if taken > _SLOWEST:
            raise TimeoutError(f"an input of {len(data)} bytes took {taken:.1f} s")

    return run


def _seed(name: str, folder: Path) -> None:
    """Put the corpus's messages into a folder; HTML is taken out of its mail."""
    for number, file in enumerate(sorted(_CORPUS.rglob(_TARGETS[name][1]))):
        raw = file.read_bytes()
        data = mime.read(raw).html.encode() if name == "markup" else raw
        if data:
            (folder / str(number)).write_bytes(data)


def _fuzz(name: str, seconds: int) -> None:
    _KEPT.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        _seed(name, Path(folder))
        limits = [f"-max_total_time={seconds}", f"-timeout={_HANG}", f"-max_len={_LONGEST}"]
        quiet = ["-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={_KEPT}/{name}-"]
        atheris.Setup([sys.argv[0], *limits, *quiet, folder], _timed(_TARGETS[name][0]))
        atheris.Fuzz()


def main() -> int:
    """Fuzz the targets named, or all of them, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("targets", nargs="*", choices=[[], *_TARGETS], help="all of them, if none is named")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.alone:
        _fuzz(asked.targets[0], asked.seconds)
    command = [sys.executable, "-m", "tests.fuzz", "--alone", "--seconds", str(asked.seconds)]
    ended = [subprocess.run([*command, name], check=False).returncode for name in asked.targets or _TARGETS]
    return int(any(ended))


if __name__ == "__main__":
    sys.exit(main())
