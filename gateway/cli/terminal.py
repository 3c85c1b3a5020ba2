"""What commands say to a person: errors, a clock while something takes long, tables."""

import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer


def say(text: str) -> None:
    """Tell a person on standard error."""
    typer.echo(f"otpgate: {visible(text)}", err=True)


def visible(text: str) -> str:
    """The text without control and format characters: what came in by mail must not drive a terminal."""
    return "".join("\ufffd" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n" else c for c in text)


@contextmanager
def clock(text: str) -> Iterator[None]:
    """Show the text with the time gone by, on a terminal's standard error; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - programs that wait start without it
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - the same

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(text, total=None)
        yield


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on a terminal; elsewhere a line a row, its cells parted by tabs, without a heading."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(visible(cell) for cell in row))
        return
    from rich.console import Console  # noqa: PLC0415 - programs read tabs, and start without it
    from rich.table import Table  # noqa: PLC0415 - the same

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(visible(cell) for cell in row))
    Console(highlight=False, markup=False).print(table)
