"""The daemon's web server and meter without the daemon, and what is in reports/monitoring."""
import json
import os
import re
import subprocess
import sys

import peers

METER_SERVER = os.path.join(peers.BUILD, "tests", "integration", "meter_server")
MONITORING = os.path.join(peers.ROOT, "reports", "monitoring")
RULES = os.path.join(MONITORING, "firedrill.rules.yml")
DASHBOARD = os.path.join(MONITORING, "firedrill-dashboard.json")

# A bit of everything, so that every metric has a sample.
EVENTS = """\
next orders staging 600
next orders production 1200
next worker staging 60
next old staging 900
past old staging
drill orders staging pass schedule 4200
drill orders staging pass hand 61500
drill orders production gap schedule -1
drill worker staging inconclusive repeat -1
fault staging injected 120
fault production stuck -30
gap orders production -7200
told chat 1
told chat 0
told second 1
missed worker staging 3
read slack 100 20
"""


class MeterServer(peers.FakeService):
    """Takes events by its input, see meter_server.c."""

    name = "meter"

    def __init__(self, *arguments, environment=None):
        super().__init__("meter", environment=environment)
        self.argv = [METER_SERVER, *arguments]

    def tell(self, events):
        process = self.processes[0]
        for line in events.splitlines():
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline().strip()
            assert answer == b"ok", (line, answer, self.log())

    def metrics(self, accept=""):
        answer = peers.http("GET", self.url + "/metrics", headers={"Accept": accept})
        assert answer.status == 200, answer.body
        return answer.body


OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def names_in(text):
    """The names of all samples that a text of the meter can have, by its families."""
    names = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        names |= {name} if kind != "histogram" else {name + s for s in ("_bucket", "_sum", "_count")}
    return names


def metrics_of(expression):
    """The names of the metrics of ours that an expression asks for."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:firedrill|process)_[a-z_]+", bare))


def dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        return json.load(file)


def python_with(module):
    """A Python that has the module: this one, or the system's; None when there is none."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run(
                [python, "-c", f"import {module}"], stderr=subprocess.DEVNULL,
                check=False).returncode == 0:
            return python
    return None
