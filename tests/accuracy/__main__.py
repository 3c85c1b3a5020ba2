"""Measures extraction: `python -m tests.accuracy`, both halves of the corpus, beside the public extractors.

--jsonl FILE     an SMS corpus of another making      --mails LABELS   likewise raw mails
--only HALF      tuned or blind                        --install-rivals
--failures       name what went wrong (never for the blind half)
"""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from core.message import Channel, Content
from tests.accuracy import cases, rivals
from tests.accuracy.cases import Case
from tests.accuracy.rivals import Answer
from tests.accuracy.tables import Result, groups, sure, table

_CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def _text(content: Content) -> str:
    """What the rivals get: the text as a person reads it, the subject above it, each link after its label."""
    parts, at = [], 0
    for link in sorted(content.links, key=lambda link: link.start):
        parts += [content.text[at : link.end], f" {link.href} "]
        at = link.end
    text = "".join([*parts, content.text[at:]])
    return f"{content.subject}\n{text}" if content.subject else text


def _measure(found: list[Case]) -> tuple[list[Result], dict[str, list[Result]], list[str]]:
    readings = [case.read() for case in found]
    ours = [
        Result(
            case=case,
            answer=Answer(reading.extracted.kind.value, reading.extracted.value),
            confidence=reading.extracted.confidence,
        )
        for case, reading in zip(found, readings, strict=True)
    ]
    answers, missing = rivals.ask([_text(reading.content) for reading in readings])
    theirs = {
        name: [Result(case=case, answer=answer) for case, answer in zip(found, given, strict=True)]
        for name, given in answers.items()
    }
    return ours, theirs, missing


def _channel(case: Case) -> str:
    return "email" if case.message.channel is Channel.EMAIL else "SMS"


def _report(title: str, found: list[Case], *, failures: bool) -> Iterator[str]:
    undisputed = [case for case in found if "disputed" not in case.tags]
    ours, theirs, missing = _measure(undisputed)
    yield f"\n## {title}: {len(undisputed)} messages in {len({case.lang for case in undisputed})} languages\n"
    for channel in sorted({_channel(case) for case in undisputed}):
        rows = [("otpgate", ours), *theirs.items()]
        yield table(channel, [(n, [r for r in rs if _channel(r.case) == channel]) for n, rs in rows]) + "\n"
    yield f"otpgate {sure(ours)}" + (f"; not installed: {', '.join(missing)}" if missing else "") + "\n"
    yield table("language", groups(ours, lambda case: [case.lang])) + "\n"
    yield table("hard case", groups(ours, lambda case: case.tags)) + "\n"
    if failures:
        yield from (f"- {r.case.name}: {r.case.kind}, answered {r.answer.kind}" for r in ours if not r.is_right)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.accuracy", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--jsonl", type=Path, action="append", default=[])
    parser.add_argument("--mails", type=Path, action="append", default=[])
    parser.add_argument("--only", choices=["tuned", "blind"])
    parser.add_argument("--install-rivals", action="store_true")
    parser.add_argument("--failures", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Print the tables of everything asked for."""
    asked = _arguments()
    if asked.install_rivals:
        rivals.install()
    others = [(path.stem, read(path)) for path, read in chain(
        ((path, cases.of_jsonl) for path in asked.jsonl), ((path, cases.of_labels) for path in asked.mails)
    )]  # fmt: skip
    halves = [] if others else [asked.only] if asked.only else ["tuned", "blind"]
    for title, found in [*((half, cases.of_folder(_CORPUS / half)) for half in halves), *others]:
        for block in _report(title, list(found), failures=asked.failures and title != "blind"):
            print(block)  # noqa: T201 - a program that prints


if __name__ == "__main__":
    main()
