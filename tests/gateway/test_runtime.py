"""The parts put together."""

from pathlib import Path

from core.settings import Settings
from gateway.runtime import build


def test_it_is_ready_once_everything_has_started_and_parts_may_come_while_it_is_asked(tmp_path: Path) -> None:
    """A probe that asks at the very start got a fault, or too early a yes."""
    runtime = build(Settings.model_validate({"server": {"data_dir": tmp_path}}))
    probe = runtime.app.test_client()
    assert probe.get("/readyz").status_code == 503
    runtime.works["smtp"] = lambda: bool(runtime.works.setdefault("http", lambda: True))
    runtime.works["event loop"] = lambda: True
    assert [probe.get("/readyz").status_code for _ in range(2)] == [200, 200]
    runtime.store.close()
    runtime.nodes.close()
