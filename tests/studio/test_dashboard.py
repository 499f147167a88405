"""The dashboard asks for metrics that the daemon has."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

from daemon.conftest import RunningDaemon, few, small_painting

from paints_undo_daemon.server.measures import DeviceMemory, parse_devices

DASHBOARD = Path(__file__).resolve().parents[2] / "deploy" / "grafana.json"


def test_every_metric_of_the_dashboard_is_served(tmp_path: Path) -> None:
    running = RunningDaemon(tmp_path / "home", {"metrics_port": 0, "listen": "127.0.0.1:0"}).start()
    try:
        client = running.client()
        client.finish(client.upload(small_painting(seed=51)), parameters=few())
        url = re.search(r"http://127\.0\.0\.1:\d+/metrics", running.log_file.read_text())
        assert url is not None
        with urllib.request.urlopen(url[0]) as answer:
            text = answer.read().decode()
    finally:
        running.stop()
    served = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    served |= {f"{name}_bucket" for name in served}
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = {name for item in panels for name in re.findall(r"paints_undo_\w+", json.dumps(item["targets"]))}
    assert len(asked) > 10
    assert asked <= served


def test_what_the_driver_does_not_tell_is_left_out() -> None:
    text = "0, 1420, 81559\n1, [N/A], [N/A]\nNVIDIA-SMI has failed\n"
    assert parse_devices(text) == [DeviceMemory("cuda:0", 1420 * 2**20, 81559 * 2**20)]
