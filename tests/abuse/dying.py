"""A gateway one of whose parts is made to die, in a process of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.settings import Settings
from gateway import housekeeping, http_listener, supervisor
from gateway.logs import configure_logs
from gateway.runtime import Runtime, build
from gateway.smtp import SmtpListener

ROOT = Path(__file__).parents[2]


def die(part: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and last line of a gateway whose part dies."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.abuse.dying", part, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, dict(json.loads(done.stdout.splitlines()[-1]))


def _killers(runtime: Runtime) -> Mapping[str, Callable[[], object]]:
    """What breaks each part, as a fault of ours would."""
    listeners: list[SmtpListener] = []
    starting = SmtpListener.start

    async def start(self: SmtpListener, *arguments: Any) -> None:
        await starting(self, *arguments)
        listeners.append(self)

    def shut() -> None:
        for server in listeners[0]._servers:  # noqa: SLF001 - from inside, as a fault would
            server.close()

    def no_more(*_: object, **__: object) -> None:
        raise RuntimeError

    SmtpListener.start = start  # type: ignore[method-assign,assignment]
    return {
        "smtp": shut,
        "http": lambda: setattr(http_listener.Server, "readable", no_more),
        "store": lambda: runtime.store.writer._waiting.put(None),  # noqa: SLF001 - the same
        "housekeeper": lambda: setattr(housekeeping, "purge", no_more),
    }


def main(part: str, folder: Path) -> int:
    """Serves, breaks the part, and answers what `serve` would exit with."""
    settings = Settings.model_validate(
        {
            "server": {"data_dir": folder / "data"},
            "smtp": {"listen": "127.0.0.1:0"},
            "http": {"listen": "127.0.0.1:0", "max_held_requests": 20},
            "log": {"format": "json"},
        }
    )
    configure_logs(settings.log, sys.stdout)
    housekeeping.EVERY_SECONDS = 0.1
    runtime = build(settings)
    kill = _killers(runtime)[part]
    running = supervisor.Supervisor(runtime, lambda _: threading.Timer(0.5, kill).start())
    return running.run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
