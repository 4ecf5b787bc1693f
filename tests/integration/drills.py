"""Running the real firedrill in a test: files are written, a drill is run, its report is read."""
import json
import os
import subprocess
import tempfile

import peers

PATIENCE_S = 400  # with one firedrill; nothing takes a quarter of it where there is time enough

# One fault each; ${api} and the like are variables of the environment.
BAD_QUEUE = """
  kind = "bad-queue-name";  via = "http";  hold_at_most = "5m";
  capture = { url = "${api}/admin/queue"; };
  inject  = { url = "${api}/admin/queue"; body = "orders-${drill}"; };
  witness = { url = "${api}/admin/queue"; body = "orders-${drill}"; };
  revert  = { url = "${api}/admin/queue"; body = "${original}"; };
  confirm = { url = "${api}/admin/queue"; };
"""
DEAD_HEALTH = """
  kind = "dead-health";  via = "http";  hold_at_most = "5m";
  inject  = { url = "${api}/admin/health"; body = "dead"; };
  witness = { url = "${api}/health"; status = 503; };
  revert  = { url = "${api}/admin/health"; body = "ok"; };
  confirm = { url = "${api}/health"; status = 200; };
"""
UNROUTABLE = """
  kind = "bad-queue-name";  via = "rabbitmq";
  url = "${rabbit}";  user = "guest";  password = "env:RABBITMQ_PASSWORD";
  routing_key = "orders-${drill}";
"""
CANARY = """
  kind = "dead-health";  via = "canary";  name = "orders";  mode = "%s";  hold_at_most = "5m";
  polled_within = "30s";
"""
IN_MAIN = 'pipeline = "main";'  # of an environment
NOTHING = 'kind = "none";  via = "none";\n'

# What every report has: a public contract.
KEYS = {"drill", "scenario", "environment", "fault", "verdict", "reason", "exit_code", "started",
        "phases", "expectations", "gap", "hops", "origin", "repeats"}
FAULT_KEYS = {"kind", "via", "effect", "state"}
EXPECTATION_KEYS = {"alert", "chat", "channel", "verdict", "latency_ms", "permalink", "resolved"}


def written(value):
    """A value as libconfig reads it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[ " + ", ".join(written(item) for item in value) + " ]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def group(settings):
    return "{ " + " ".join(f"{key} = {written(value)};" for key, value in settings.items()) + " }"


def pipeline(*hops, more=""):
    """The pipeline "main" of these hops, each its settings or text for libconfig."""
    listed = ", ".join(hop if isinstance(hop, str) else group(hop) for hop in hops)
    return f"pipelines = {{ main = {{ hops = ( {listed} ); {more} }}; }};"


def hops(urls, **settings):
    """Of (type, address) pairs: settings of hops, with more that all of them have."""
    return [{"type": kind, "url": url, **settings} for kind, url in urls]


def expect(channel, match, **more):
    """An expectation; the times suit a chain that polls each second."""
    return {"channel": channel, "match": match, "within": "60s", "grace": "5s", **more}


class Result:
    """What one run of firedrill left: exit code, both outputs, reports."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def reports(self):
        """One for each line of stdout; fails when a line is not JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


class DrillCase(peers.Case):
    """A folder with a firedrill.cfg and scenarios, and ways to run firedrill in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="firedrill-drill-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(os.path.join(self.folder, "scenarios"))
        # Only what a drill needs: neither proxies nor the tokens of whoever runs the tests.
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.folder,
                            "NO_COLOR": "1", "SLACK_TOKEN": peers.Chat.token,
                            "RABBITMQ_PASSWORD": "guest"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def configure(self, chats, variables=None, more="", chat=None, staging="", besides=""):
        """firedrill.cfg; `chats` maps names to API addresses, `chat` has more settings of each.

        `staging` is more of that environment, `besides` are others."""
        settings = {"type": "slack", "token": "env:SLACK_TOKEN", "poll": "500ms", **(chat or {})}
        listed = " ".join(f"{name} = {group({**settings, 'url': url})};"
                          for name, url in chats.items())
        return self.write("firedrill.cfg", f"""
state = "firedrill.db";
scenarios = "scenarios";
chats = {{ {listed} }};
environments = {{ {besides} staging = {{ {staging} variables = {group(variables or {})}; }}; }};
{more}
""")

    def scenario(self, name, fault, *expectations, runs_in="staging = { };"):
        listed = ",\n  ".join(group(each) for each in expectations)
        return self.write(f"scenarios/{name}.cfg", f"""
name = "{name}";
summary = "A drill of the tests";
owner = "payments";
runbook = "https://wiki.example/{name}";
fault = {{ {fault} }};
expect = (
  {listed}
);
in = {{ {runs_in} }};
""")

    def start(self, *arguments):
        return subprocess.Popen([peers.FIREDRILL, *arguments], cwd=self.folder,
                                env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, process, timeout=PATIENCE_S):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"firedrill did not end within {timeout} s\n{Result(None, out, err)}")
        return Result(process.returncode, out, err)

    def firedrill(self, *arguments, timeout=PATIENCE_S):
        return self.finish(self.start(*arguments), timeout)

    def drill(self, name, *arguments, timeout=PATIENCE_S):
        """`firedrill run NAME --env staging --json`: the result and its one report."""
        result = self.firedrill("run", name, "--env", "staging", "--json", *arguments,
                                timeout=timeout)
        self.assertEqual(len(result.out.splitlines()), 1, result)
        report = result.reports[0]
        self.check_contract(report, result)
        return result, report

    def check_contract(self, report, result):
        self.assertLessEqual(KEYS, set(report), result)
        self.assertLessEqual(FAULT_KEYS, set(report["fault"]), result)
        for expectation in report["expectations"]:
            self.assertLessEqual(EXPECTATION_KEYS, set(expectation), result)
        self.assertRegex(report["drill"], r"^fd-[a-z0-9]{8}$")
        self.assertEqual(report["exit_code"], result.code, result)

    def assert_passed(self, result, report):
        """Delivered, in time, resolved, and nothing left behind."""
        self.assertEqual((report["verdict"], result.code), ("pass", 0), result)
        for expectation in report["expectations"]:
            self.assertEqual(expectation["verdict"], "delivered", result)
            self.assertGreaterEqual(expectation["latency_ms"], 0, result)
            self.assertLessEqual(expectation["latency_ms"], 60_000, result)
            if expectation["resolved"]:
                self.assertEqual(expectation["resolved"]["verdict"], "delivered", result)
                self.assertGreaterEqual(expectation["resolved"]["latency_ms"], 0, result)
