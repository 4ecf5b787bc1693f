"""What a real `firedrill serve` costs: each function gives a dictionary of figures."""
import concurrent.futures
import datetime
import json
import os
import re
import signal
import statistics
import subprocess
import threading
import time
import urllib.request

PATIENCE_S = 120  # for whatever must happen
IDLE_S = 10
ENVIRONMENTS = 50
LOOKS = 11
CROWD = 10  # visitors at once

CONFIG = """
scenarios = "{folder}/scenarios"; state = "{state}"; serve = {{ listen = "127.0.0.1:0"; }};
chats = {{ slack = {{ type = "slack"; url = "{chat}/api"; token = "env:BENCH_TOKEN"; }}; }};
environments = {{ {environments} }};
"""
SCENARIO = """
name = "s{i}"; summary = "A switch that alerts at once"; jitter = "0s";
fault = {{ kind = "dead-health"; via = "http"; hold_at_most = "2m";
  capture = {{ url = "{switch}"; }};
  inject  = {{ url = "{switch}"; body = "broken-${{drill}}"; }};
  revert  = {{ url = "{switch}"; body = "${{original}}"; }};
  confirm = {{ url = "{switch}"; body = "${{original}}"; }};
}};
expect = ( {{ channel = "#ops"; match = [ "BenchAlert", "${{drill}}" ]; within = "1m"; }} );
in = {{ {environment} = {{ schedule = "{schedule}"; }}; }};
"""


def configure(folder, place, environments, schedules, state=None):
    """One scenario for each schedule, spread over the environments, each with a switch of its own."""
    os.makedirs(f"{folder}/scenarios")
    with open(f"{folder}/firedrill.cfg", "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder, state=state or f"{folder}/state.db",
                                 chat=place["chat"],
                                 environments=" ".join(f"{e} = {{ }};" for e in environments)))
    for i, schedule in enumerate(schedules):
        at = i % len(environments)
        with open(f"{folder}/scenarios/s{i}.cfg", "w", encoding="utf-8") as file:
            file.write(SCENARIO.format(i=i, switch=f"{place['switch']}/{at}", schedule=schedule,
                                       environment=environments[at]))


def far_away(count):
    """Times once a month that do not come while this runs."""
    day = (datetime.datetime.now(datetime.timezone.utc).day + 13) % 28 + 1
    return [f"{i % 60} {i // 60 % 24} {day} * *" for i in range(count)]


class Serve:
    """One that runs, with its log."""

    def __init__(self, firedrill, folder):
        self.lines = []
        self.begun_s = time.monotonic()
        self.process = subprocess.Popen([firedrill, "serve", "--config", f"{folder}/firedrill.cfg"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.about = self.wait("msg=started")
        self.start_ms = (time.monotonic() - self.begun_s) * 1000
        self.start_cpu_ms = self.cpu_ms()

    def read(self):
        for line in self.process.stderr:
            self.lines.append(line)

    def said(self, text):
        return [line for line in list(self.lines) if text in line]

    def wait(self, text, count=1):
        end = time.monotonic() + PATIENCE_S
        while len(self.said(text)) < count:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"never said: {text}\n{''.join(self.lines[-20:])}")
            time.sleep(0.005)  # the pause between two looks
        return self.said(text)[count - 1]

    def proc(self, name):
        with open(f"/proc/{self.process.pid}/{name}", encoding="utf-8") as file:
            return file.read()

    def cpu_ms(self):
        return int(self.proc("schedstat").split()[0]) / 1e6

    def of_status(self, key):
        return int(re.search(rf"^{key}:\s+(\d+)", self.proc("status"), re.M).group(1))

    def look(self, path):
        """The length of an answer that came whole."""
        url = re.search(r"pages=(\S+)", self.about).group(1) + path
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return len(answer.read())

    def get(self, path):
        """CPU time of one answer, in ms, and its length."""
        before = self.cpu_ms()
        length = self.look(path)
        return self.cpu_ms() - before, length

    def gets(self, path):
        return statistics.median(self.get(path)[0] for _ in range(LOOKS))

    def crowd(self, path):
        """Many look at once."""
        with concurrent.futures.ThreadPoolExecutor(CROWD) as visitors:
            list(visitors.map(self.look, [path] * CROWD))

    def reload(self):
        before = self.cpu_ms()
        count = len(self.said("msg=reloaded"))
        self.process.send_signal(signal.SIGHUP)
        self.wait("msg=reloaded", count + 1)
        return self.cpu_ms() - before

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)
        self.reader.join(PATIENCE_S)
        self.process.stderr.close()


def world(bench):
    """A chat and switches that alert at once, until its standard input ends."""
    process = subprocess.Popen([f"{bench}/bench_world"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def end_world(process):
    process.stdin.close()
    process.wait(PATIENCE_S)


def idle(firedrill, place, folder, count):
    """As many scenarios, of which none is due."""
    configure(folder, place, [f"e{i}" for i in range(ENVIRONMENTS)], far_away(count))
    serve = Serve(firedrill, folder)
    try:
        found = {"start_ms": serve.start_ms, "start_cpu_ms": serve.start_cpu_ms}
        time.sleep(1)  # the slowness of this world: the guardian settles down
        before = serve.cpu_ms(), serve.of_status("voluntary_ctxt_switches"), time.monotonic()
        found["rss_kib"] = serve.of_status("VmRSS")
        time.sleep(IDLE_S)  # the slowness of this world: its cost is measured
        found["idle_ppm"] = ((serve.cpu_ms() - before[0]) / (time.monotonic() - before[2])) * 1000
        found["wakes"] = serve.of_status("voluntary_ctxt_switches") - before[1]
        found["metrics_ms"] = serve.gets("metrics")
        found["page_ms"] = serve.gets("")
        for path in ("coverage", "scenario/s7", "?only=open"):
            serve.look(path)
        found["peak_kib"] = serve.of_status("VmHWM")
        for path in ("", "coverage", "scenario/s7", "metrics"):
            serve.crowd(path)
        found["crowd_peak_kib"] = serve.of_status("VmHWM")
        serve.look("-/healthy")  # by then it has let go of what it sent
        found["rss_after_pages_kib"] = serve.of_status("VmRSS")
        found["reload_cpu_ms"] = serve.reload()
        found["rss_reloading_kib"] = serve.of_status("VmRSS")
        time.sleep(2)  # the pause between two looks: the one before is let go
        found["rss_after_reload_kib"] = serve.of_status("VmRSS")
        return found
    finally:
        serve.stop()


def starts(firedrill, place, folder, seconds):
    """How late drills begin, in ms: in each environment one again and again, at moments of its own."""
    steps = [9000 + i * 37 for i in range(ENVIRONMENTS)]
    configure(folder, place, [f"e{i}" for i in range(ENVIRONMENTS)],
              [f"@every {step}ms" for step in steps])
    serve = Serve(firedrill, folder)
    try:
        time.sleep(seconds)  # the slowness of this world: its cost is measured
        begun, missed = serve.said('msg="drill begun"'), serve.said("msg=missed")
    finally:
        serve.stop()
    late = []
    for line in begun:
        when, number = re.search(r"time=(\S+) .* scenario=s(\d+) ", line).groups()
        moment = datetime.datetime.fromisoformat(when.replace("Z", "+00:00"))
        late.append(round(moment.timestamp() * 1000) % steps[int(number)])
    late.sort()
    return {"starts": len(late), "missed": len(missed),
            "p50_ms": statistics.median(late), "p99_ms": late[len(late) * 99 // 100]}


def sync_ms(folder):
    """What the disk takes to write one block for good: p99."""
    took = []
    with open(f"{folder}/sync", "wb", buffering=0) as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            begun = time.monotonic()
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - begun) * 1000)
    return sorted(took)[98]


def past(firedrill, place, folder, state):
    """With the history that lies beside a state file (see bench_history)."""
    configure(folder, place, ["staging"], far_away(100), state)
    began = []
    for _ in range(5):
        serve = Serve(firedrill, folder)
        try:
            began.append(serve.start_cpu_ms)
            page_ms, scenario_ms = serve.gets(""), serve.gets("scenario/s7")
        finally:
            serve.stop()
    return {"start_cpu_ms": statistics.median(began), "page_ms": page_ms, "scenario_ms": scenario_ms}
