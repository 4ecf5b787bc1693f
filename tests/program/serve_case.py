"""A `firedrill serve` in a small world (small_case.py), and its log, line by line."""
import os
import re
import signal
import socket
import subprocess
import threading

import small_case
from small_case import Case, until

EVERY = 'staging = { schedule = "@every 2s"; };'
PAIR = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "]*)(?: |$)')


def parsed(line):
    """A line of logfmt; fails when anything in it is not key=value."""
    pairs, at = {}, 0
    while at < len(line):
        found = PAIR.match(line, at)
        if not found:
            raise AssertionError(f"no key=value at {line[at:]!r} of {line!r}")
        key, value = found.groups()
        pairs[key] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        at = found.end()
    return pairs


class Daemon:
    def __init__(self, case, *arguments, level="debug", **more):
        self.lines, self.raw = [], []
        self.process = subprocess.Popen(
            [small_case.FIREDRILL, "serve", "--log-level", level, *arguments], cwd=case.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace", **{"env": case.environment, **more})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.raw.append(line.rstrip("\n"))
            if line.startswith("time="):
                self.lines.append(parsed(line.rstrip("\n")))

    def said(self, msg, **pairs):
        return [line for line in list(self.lines)
                if line["msg"] == msg and all(line.get(k) == v for k, v in pairs.items())]

    def until(self, what, true):
        try:
            until(what, true)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self}") from None

    def wait(self, msg, count=1, **pairs):
        def is_there():
            return len(self.said(msg, **pairs)) >= count or self.process.poll() is not None
        self.until(f"{msg} {pairs}", is_there)
        found = self.said(msg, **pairs)
        if len(found) < count:
            raise AssertionError(f"ended without {msg} {pairs}:\n{self}")
        return found[count - 1]

    def wait_text(self, msg, words):
        """The first line of that kind whose text has the words."""
        def found():
            return [line for line in self.said(msg) if words in line["text"]]
        self.until(f"{msg} {words}", lambda: found() or self.process.poll() is not None)
        if not found():
            raise AssertionError(f"ended without {msg} {words}:\n{self}")
        return found()[0]

    def wait_next(self, **pairs):
        """How a drill ended that has not begun yet."""
        begun = len(self.said("drill begun", **pairs))
        drill = self.wait("drill begun", count=begun + 1, **pairs)["drill"]
        return self.wait("drill over", drill=drill)

    def signal(self, number):
        if self.process.poll() is None:
            os.kill(self.process.pid, number)

    def end(self):
        """Its exit code, when it is over and all of its log is read."""
        self.process.wait(small_case.PATIENCE_S)
        self.reader.join(small_case.PATIENCE_S)
        self.process.stderr.close()
        return self.process.returncode

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.end()

    def __str__(self):
        return "\n".join(self.raw)


class ServeCase(Case):
    """The scenario of small_case, due every two seconds."""

    def setUp(self):
        super().setUp()
        self.configure()
        self.scenario(runs_in=EVERY, resolved="")

    def configure(self, more="", **rest):
        super().configure(more='serve = { listen = "127.0.0.1:0"; };\n' + more, **rest)

    def scenario(self, **rest):
        super().scenario(**{"runs_in": EVERY, "resolved": "", "more": 'jitter = "0s";', **rest})

    def serve(self, *arguments, **more):
        daemon = Daemon(self, *arguments, **more)
        self.addCleanup(self.kill, daemon)
        return daemon

    @staticmethod
    def kill(daemon):
        if daemon.process.poll() is None:
            daemon.process.kill()
            daemon.end()

    def listen(self):
        """What a service manager listens at."""
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(self.path("notify"))
        manager.settimeout(small_case.PATIENCE_S)
        return manager
