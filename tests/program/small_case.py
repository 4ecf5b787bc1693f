"""A chat, a target and a folder of its own for every case, so that all of them run at once.

usage of a test that ends with small_case.main(): TEST FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import concurrent.futures
import contextlib
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest
import urllib.request

PASS, GAP, USAGE, FAULT_LEFT, REFUSED, INCONCLUSIVE, ABORTED, UNTOLD = range(8)
AT_ONCE = 12        # cases; nearly all of their time is waiting
PATIENCE_S = 300    # for whatever must happen; nothing here takes a tenth of it
TOKEN = "xoxb-bad-input-4711-secret"
KEY = "Bearer target-key-0815-secret"
AUDITOR = "xoxp-the-auditor"  # a person's token: reads what the test wants to know afterwards

FIREDRILL = FAKE_SERVICES = ""

FAULT = """
  kind = "bad-queue-name";  via = "http";  hold_at_most = "1m";
  capture = { url = "${api}/switch"; };
  inject  = { url = "${api}/switch"; body = "orders-${drill}";
              headers = { Authorization = "env:KEY"; }; };
  revert  = { url = "${api}/switch"; body = "${original}"; };
  confirm = { url = "${api}/switch"; };
"""


def until(what, true):
    """The one place where time passes: looks again and again, but not for ever."""
    end = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.01)  # the pause between two looks


def free_port():
    """A port that stays free until it is used: below those that the kernel gives to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def ask(url, verb="GET", body=None, token=None):
    request = urllib.request.Request(url, method=verb, data=body)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return answer.read()


class Chat:
    """The real `fake-services chat`, which misbehaves when it is told to."""

    def __init__(self):
        self.process = subprocess.Popen(
            [FAKE_SERVICES, "chat", "--control", "--channel", "old", "--channel", "secret"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"FAKE_CHAT_TOKEN": TOKEN})
        self.about = json.loads(self.process.stdout.readline())
        self.control("token", token=AUDITOR, name="auditor", person=True)
        self.control("channel", name="old", archived=True, member=True)
        self.control("channel", name="secret", member=False)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def control(self, what, **fields):
        ask(f"{self.about['url']}/control/{what}", "PUT", json.dumps(fields).encode())

    def behave(self):
        ask(f"{self.about['url']}/control/wrong", "DELETE")

    def post(self, **message):
        ask(self.about["webhooks"]["ops"], "POST", json.dumps(message).encode())

    def texts(self, channel="ops"):
        """All that stands in a channel, replies too, as the API gives it."""
        api, where = self.about["api"], self.about["channels"][channel]
        listed = json.loads(ask(f"{api}/conversations.history?channel={where}&limit=999",
                                token=AUDITOR))
        messages = listed["messages"]
        for message in [m for m in messages if m.get("reply_count")]:
            answer = ask(f"{api}/conversations.replies?channel={where}&ts={message['ts']}",
                         token=AUDITOR)
            messages += json.loads(answer)["messages"][1:]
        return [json.dumps(message) for message in messages]


class Target(http.server.ThreadingHTTPServer):
    """A service with one switch.  While it holds anything but "orders" an alert is in the chat."""

    daemon_threads = True

    def __init__(self, chat):
        super().__init__(("127.0.0.1", 0), Switch)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.chat = chat
        self.value = "orders"
        self.alerts = True
        self.calls = []
        self.broken = lambda: None              # called when it has just been broken
        self.wrong = lambda verb, count: None   # None: behaves; else (status, body) or a verb below
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # whoever hung up had a right to

    def stop(self):
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()

    def fire(self, value=None):
        """The alert of what is broken, or was: it may be put right by now."""
        self.chat.post(text="", attachments=[{
            "title": f"[FIRING:1] OrdersQueueMissing ({value or self.value})", "text": "runbook"}])

    def set(self, value):
        before, self.value = self.value, value
        if before == "orders" and value != "orders":
            self.broken()
        if self.alerts and before == "orders" and value != "orders":
            self.fire(value)
        if self.alerts and before != "orders" and value == "orders":
            self.chat.post(text="", attachments=[{
                "title": f"[RESOLVED] OrdersQueueMissing ({before})"}])


class Switch(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer("GET")

    def do_PUT(self):
        self.answer("PUT")

    def answer(self, verb):
        target = self.server
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        if len(body.encode()) < length:
            self.close_connection = True  # whoever asked died half way: it is no request
            return
        target.calls.append(verb)
        wrong = target.wrong(verb, target.calls.count(verb))
        if verb == "PUT" and wrong in (None, "done, but hangs", "done, but resets"):
            target.set(body)
        if wrong in ("hangs", "done, but hangs"):
            target.over.wait(PATIENCE_S)
        if isinstance(wrong, str):
            self.close_connection = True
            return
        status, data = wrong or (200, target.value)
        if "${key}" in str(data):
            data = data.replace("${key}", self.headers.get("Authorization", KEY))
        data = data if isinstance(data, bytes) else data.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    @property
    def reports(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Case(unittest.TestCase):
    """A chat, a target, a folder with a configuration and the scenario "bad-queue" that passes."""

    timeout = "10s"   # of a request to the chat; less only where the chat hangs
    patience = "30s"  # with the chat; less only where it stays away, and is waited for so long

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="firedrill-case-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self.end_guardians)
        self.chat = Chat()
        self.addCleanup(self.chat.stop)
        self.target = Target(self.chat)
        self.addCleanup(self.target.stop)
        self.environment = {"PATH": os.environ["PATH"], "NO_COLOR": "1",
                            "SLACK_TOKEN": TOKEN, "KEY": KEY}
        self.popen = {}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        os.mkdir(self.path("scenarios"))
        self.configure()
        self.scenario()

    def guardians(self):
        """Those that work with this case's own folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().decode(errors="replace").split("\0")
                if "guardian" in words and any(word.startswith(self.folder) for word in words):
                    found.append(int(pid))
        return found

    def end_guardians(self):
        """One stays for as long as a fault does."""
        for pid in self.guardians():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        until("the guardians are gone", lambda: not self.guardians())

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def configure(self, chat="", more="", state="firedrill.db", token="env:SLACK_TOKEN", api=None,
                  poll="50ms", timeout=None, patience=None, environment=""):
        self.write("firedrill.cfg", f"""
state = "{state}";
chats = {{ slack = {{ type = "slack"; token = "{token}"; url = "{api or self.chat.about['api']}";
  poll = "{poll}"; timeout = "{timeout or self.timeout}"; patience = "{patience or self.patience}";
  requests_per_minute = 6000;
  {chat} }}; }};
environments = {{ staging = {{ variables = {{ api = "{self.target.url}"; }}; {environment} }}; }};
{more}""")

    def scenario(self, fault=FAULT, channel="#ops", within="20s", resolved="20s", extra="",
                 runs_in="staging = { };", more=""):
        wanted = f'resolved = "{resolved}";' if resolved else ""
        self.write("scenarios/bad-queue.cfg", f"""
name = "bad-queue";  summary = "A drill of the tests";
fault = {{ {fault} }};
expect = ( {{ channel = "{channel}"; match = [ "OrdersQueueMissing", "${{drill}}" ];
  within = "{within}"; grace = "200ms"; {wanted} {extra} }} );
in = {{ {runs_in} }};
{more}""")

    def start(self, *arguments):
        return subprocess.Popen([FIREDRILL, *arguments], cwd=self.folder, env=self.environment,
                                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                   "stderr": subprocess.PIPE, **self.popen})

    def finish(self, process):
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"firedrill never ended\n{Result(None, out, err)}")
        return Result(process.returncode, (out or b"").decode(), (err or b"").decode())

    def firedrill(self, *arguments):
        return self.finish(self.start(*arguments))

    def run_drill(self, *arguments):
        return self.firedrill("run", "bad-queue", "--env", "staging", "--json", *arguments)

    def assert_no_secret(self, result):
        self.chat.behave()
        told = [result.out, result.err]
        for channel in ("ops", "general", "drills"):
            told += self.chat.texts(channel)
        for folder, _, files in os.walk(self.folder):
            for name in files:
                if name != "secret.txt" and os.path.isfile(os.path.join(folder, name)):
                    with open(os.path.join(folder, name), "rb") as file:
                        told.append(file.read().decode(errors="replace"))
        for secret in (TOKEN, KEY, "4711-secret", "0815-secret", TOKEN.encode().hex()):
            self.assertNotIn(secret, "\n".join(told))

    def assert_says(self, result, words):
        for word in words:
            self.assertRegex(result.out + result.err, re.compile(word, re.I), result)

    def assert_no_fault(self, result=None):
        self.assertEqual(self.target.value, "orders", result)
        told = self.firedrill("status")
        self.assertIn("no fault is in place", told.out, f"{result}\n{told}")
        self.assertEqual(told.code, PASS, told)

    def assert_usage(self, result, *words):
        """Refused before anything was done: exit 2, words on stderr, nothing on stdout."""
        self.assertEqual((result.code, result.out), (USAGE, ""), result)
        self.assert_says(result, words)
        self.assertEqual(self.target.calls, [], result)
        self.assert_no_secret(result)

    def assert_drill(self, result, code, verdict, reason, *words, clean=True):
        """One JSON line that agrees with the exit code, words, no secret, no fault left."""
        self.assertEqual(len(result.reports), 1, result)
        report = result.reports[0]
        self.assertEqual((result.code, report["verdict"], report["reason"], report["exit_code"]),
                         (code, verdict, reason, code), result)
        self.assert_says(result, words)
        self.assert_no_secret(result)
        if clean:
            self.assertIn(report["fault"]["state"], ("absent", "clean"), result)
            self.assert_no_fault(result)
        return report

    def assert_untouched(self, result, *words):
        """The chat cannot be used: inconclusive, and the target was not even asked."""
        self.assert_drill(result, INCONCLUSIVE, "inconclusive", "unobservable", *words)
        self.assertEqual(self.target.calls, [], result)

    def assert_passes(self, result):
        report = self.assert_drill(result, PASS, "pass", None)
        self.assertEqual(report["expectations"][0]["verdict"], "delivered", result)

    def assert_no_effect(self, result, *words):
        self.assert_drill(result, INCONCLUSIVE, "inconclusive", "fault-had-no-effect", *words)

    def assert_blind(self, result, *words):
        """The alert may have come or not, nobody could see it: not missing, not a gap."""
        report = self.assert_drill(result, INCONCLUSIVE, "inconclusive", "unobservable", *words)
        self.assertEqual(report["expectations"][0]["verdict"], "unknown", result)
        self.assertIn("PUT", self.target.calls)

    def when_broken(self, **wrong):
        """The chat begins to misbehave in the moment in which the fault is put in."""
        self.target.broken = lambda: self.chat.control("wrong", **wrong)


def tests_of(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_of(test)
        else:
            yield test


def run_one(test):
    result = unittest.TestResult()
    began = time.monotonic()
    try:
        test.run(result)
    except Exception:  # a broken case must not be taken for a good one
        result.errors.append((test, traceback.format_exc()))
    return test, result, time.monotonic() - began


def main():
    global FIREDRILL, FAKE_SERVICES
    FIREDRILL, FAKE_SERVICES = (os.path.abspath(path) for path in sys.argv[1:3])
    wanted = sys.argv[3:]
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    tests = [test for test in tests_of(suite) if not wanted or any(w in test.id() for w in wanted)]
    good = bool(tests)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for test, result, took_s in pool.map(run_one, tests):
            bad = result.failures + result.errors
            said = ("FAILED" if bad else
                    f"skipped: {result.skipped[0][1]}" if result.skipped else "ok")
            print(f"{took_s:5.1f} s  {test.id().removeprefix('__main__.')}: {said}", flush=True)
            for failed, text in bad:
                print(f"\n{failed}\n{text}", flush=True)
            good = good and not bad
    return 0 if good else 1
