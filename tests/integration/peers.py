"""The programs that firedrill is tried against, each on free ports of 127.0.0.1.

A peer is started by its class, is ready when start() returns, and is stopped by its own process id:
    prometheus = self.peer(Prometheus(config))     # in a Case: stopped when the test is over
All peers are optional on a person's machine: need() skips a test file by name and says why.  With
CI=true in the environment a missing peer is a failure.
"""
import json
import os
import platform
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("FIREDRILL_BUILD", os.path.join(ROOT, "build", "debug")))
NPM = os.path.join(ROOT, "build", "npm")
FIREDRILL = os.path.join(BUILD, "src", "program", "firedrill")
FAKE_SERVICES = os.path.join(BUILD, "fake-services", "fake-services")
# Not the command in PATH: that one changes to the user rabbitmq.
RABBITMQ = "/usr/lib/rabbitmq/bin/rabbitmq-server"
EMULATE = os.path.join(NPM, "node_modules", "emulate", "dist", "api.js")

SKIPPED = 77  # what ctest is told to take for "skipped"
READY_S = 180  # how long a peer may take to start on a busy machine
SKIP_CI = os.environ.get("CI", "") not in ("", "false", "0")


# ---- what is there ---------------------------------------------------------------------------

def node():
    """The Node to use: npm/install puts one beside its packages where the system's is too old."""
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    own = os.path.join(NPM, "node", "node_modules", f"node-linux-{arch}", "bin", "node")
    return own if os.path.exists(own) else shutil.which("node")


def lacks(name):
    """Why a peer cannot be used; None when it can."""
    if name == "emulate":
        if node() is None:
            return "node is not installed"
        return None if os.path.exists(EMULATE) else "npm could not install emulate"
    if name == "rabbitmq":
        return None if os.path.exists(RABBITMQ) else "rabbitmq-server is not installed"
    return None if shutil.which(name) else f"{name} is not installed"


def need(*names):
    """Ends this test file as skipped when one of the peers is missing; in CI as failed."""
    for name in names:
        why = lacks(name)
        if why is None:
            continue
        if SKIP_CI:
            sys.exit(f"{why}, and in CI nothing is skipped")
        print(f"skipped: {os.path.basename(sys.argv[0])} ({why})")
        sys.exit(SKIPPED)


# ---- helpers ---------------------------------------------------------------------------------

def free_port():
    """A port that stays free until it is used: below those that the kernel gives to connections."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def until(what, condition, seconds=READY_S):
    """The first true result of condition(); fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)  # the pause between two looks


class Answer:
    def __init__(self, status, body):
        self.status, self.body = status, body

    def json(self):
        return json.loads(self.body)


# Without the proxies of the environment: everything here is on loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(method, url, body=None, headers=None, timeout=READY_S):
    """One request; an answer of any status. OSError when there is no answer."""
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with _opener.open(request, timeout=timeout) as reply:
            return Answer(reply.status, reply.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode(errors="replace"))


def answers(url, headers=None):
    """True when url answers with 200 now."""
    try:
        return http("GET", url, headers=headers, timeout=2).status == 200
    except OSError:
        return False


# ---- the peers -------------------------------------------------------------------------------

class Peer:
    """A program on loopback with a folder of its own."""

    name = "peer"
    gentle = True  # asked to end before it is killed

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix=f"firedrill-{self.name}-")
        self.processes, self.guards = [], []
        self.url = None

    def run(self, argv, environment=None, **popen):
        log = open(os.path.join(self.folder, "log"), "ab")
        with log:
            process = subprocess.Popen(
                argv, cwd=self.folder, env={**os.environ, **(environment or {})},
                stdin=popen.pop("stdin", subprocess.DEVNULL), stderr=log,
                stdout=popen.pop("stdout", log), start_new_session=True, **popen)
        self.processes.append(process)
        # Waits for the end of its input, which is ours: a test that is killed leaves nothing behind.
        self.guards.append(subprocess.Popen(
            ["sh", "-c", 'read -r _; kill -9 "-$1"; rm -rf "$2"', "sh", str(process.pid),
             self.folder], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True))
        return process

    def log(self):
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def wait_ready(self, ready):
        def look():
            ended = [p for p in self.processes if p.poll() is not None]
            if ended:
                raise AssertionError(f"{self.name} ended with {ended[0].returncode}:\n{self.log()}")
            return ready()
        try:
            until(f"{self.name} is ready", look)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()[-4000:]}") from None

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start(self):
        raise NotImplementedError

    def stop(self):
        """Ends the processes, the last started first, each with its process group."""
        for guard in self.guards:
            guard.kill()
            guard.wait()
            guard.stdin.close()
        self.guards = []
        for process in reversed(self.processes):
            for number in (signal.SIGTERM, signal.SIGKILL)[not self.gentle:]:
                try:
                    os.killpg(process.pid, number)
                except ProcessLookupError:
                    pass
                try:
                    process.wait(10)
                    break
                except subprocess.TimeoutExpired:
                    continue
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()
        self.processes = []
        shutil.rmtree(self.folder, ignore_errors=True)


class Prometheus(Peer):
    """Scrapes `targets` ({job: address}) each second, evaluates rules.yml, tells Alertmanager."""

    name = "prometheus"

    def __init__(self, targets, alertmanager=None, paths=None):
        super().__init__()
        self.targets, self.alertmanager, self.paths = targets, alertmanager, paths or {}

    scrape_interval = "1s"

    def rules(self):
        """The path of its rules."""
        return os.path.join(HERE, "rules.yml")

    def start(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = {
            "global": {"scrape_interval": self.scrape_interval, "scrape_timeout": "1s",
                       "evaluation_interval": "1s"},
            "rule_files": [self.rules()],
            "scrape_configs": [
                {"job_name": job, "metrics_path": self.paths.get(job, "/metrics"),
                 "static_configs": [{"targets": [target.removeprefix("http://")]}]}
                for job, target in self.targets.items()],
        }
        if self.alertmanager:
            config["alerting"] = {"alertmanagers": [
                {"static_configs": [{"targets": [self.alertmanager.removeprefix("http://")]}]}]}
        # JSON is YAML.
        path = self.write("prometheus.yml", json.dumps(config))
        self.run(["prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.folder}/data",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: answers(self.url + "/-/ready"))
        return self

    def alerts(self):
        """The names and states of the alerts there are now."""
        found = http("GET", self.url + "/api/v1/alerts").json()["data"]["alerts"]
        return {(alert["labels"]["alertname"], alert["state"]) for alert in found}

    def value(self, query):
        """The first value of an instant query; None when there is no series."""
        asked = urllib.parse.urlencode({"query": query})
        found = http("GET", f"{self.url}/api/v1/query?{asked}").json()["data"]["result"]
        return float(found[0]["value"][1]) if found else None


class Alertmanager(Peer):
    """Posts every alert by each of these Slack settings, as fast as it can; none: nowhere."""

    name = "prometheus-alertmanager"
    # Without a template of one's own, annotations do not reach the chat.
    text = ("{{ range .Alerts }}{{ .Annotations.summary }}\n"
            "runbook: {{ .Annotations.runbook_url }}\n{{ end }}")

    group_wait, group_interval = "0s", "1s"

    def __init__(self, *slack, group_wait=None):
        super().__init__()
        self.slack = slack
        self.group_wait = group_wait or self.group_wait

    def start(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = {
            "route": {"receiver": "team", "group_by": ["..."], "group_wait": self.group_wait,
                      "group_interval": self.group_interval, "repeat_interval": "1h"},
            "receivers": [{"name": "team", "slack_configs": [
                {"send_resolved": True, "text": self.text, **each} for each in self.slack]}],
        }
        path = self.write("alertmanager.yml", json.dumps(config))
        self.run(["prometheus-alertmanager", f"--config.file={path}",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: answers(self.url + "/-/ready"))
        return self


def slack_by_webhook(chat, channel):
    """Alertmanager's settings for an incoming webhook."""
    return {"api_url": chat.webhook_url(channel), "channel": channel}


def slack_by_token(chat, channel):
    """Alertmanager's settings for a bot's token."""
    return {"api_url": f"{chat.url}/api/chat.postMessage", "channel": channel,
            "http_config": {"authorization": {"type": "Bearer", "credentials": chat.token}}}


class RabbitMQ(Peer):
    """A broker with its management API and its metrics; all that it listens on is 127.0.0.1."""

    name = "rabbitmq"
    gentle = False  # nothing in its folder is worth an orderly shutdown of six seconds

    def start(self):
        amqp, management, metrics, distribution, epmd = (free_port() for _ in range(5))
        self.amqp = f"amqp://guest:guest@127.0.0.1:{amqp}/%2F"
        self.metrics = f"http://127.0.0.1:{metrics}"
        self.url = f"http://127.0.0.1:{management}"
        home = os.path.join(self.folder, "home")
        os.mkdir(home)
        self.write("rabbitmq.conf",
                   f"listeners.tcp.1 = 127.0.0.1:{amqp}\n"
                   "management.tcp.ip = 127.0.0.1\n"
                   f"management.tcp.port = {management}\n"
                   "prometheus.tcp.ip = 127.0.0.1\n"
                   f"prometheus.tcp.port = {metrics}\n"
                   "log.console = true\nlog.file = false\n")
        self.write("advanced.config",
                   "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n")
        self.write("enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        environment = {
            "HOME": home,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(epmd),
            # By address, as "localhost" may be missing from /etc/hosts.
            "RABBITMQ_NODENAME": f"firedrill{amqp}@127.0.0.1",
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONFIG_FILE": f"{self.folder}/rabbitmq",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{self.folder}/advanced.config",
            "RABBITMQ_MNESIA_BASE": f"{self.folder}/mnesia",
            "RABBITMQ_LOG_BASE": f"{self.folder}/logs",
            "RABBITMQ_PID_FILE": f"{self.folder}/pid",
            "RABBITMQ_FEATURE_FLAGS_FILE": f"{self.folder}/feature_flags",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{self.folder}/enabled_plugins",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{self.folder}/generated",
            # Its threads wait without spinning: others need the processors.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        }
        # Its name service is started first, as our own process: the broker would leave one behind.
        self.run(["epmd", "-port", str(epmd), "-address", "127.0.0.1"], environment)
        self.run([RABBITMQ], environment)
        self.wait_ready(lambda: self.api("GET", "/api/overview").status == 200)
        return self

    def api(self, method, path, body=None):
        """A request to the management API; status 0 when there is no answer."""
        basic = urllib.request.base64.b64encode(b"guest:guest").decode()
        try:
            return http(method, self.url + path, body if body is None else json.dumps(body),
                        {"Authorization": f"Basic {basic}", "Content-Type": "application/json"})
        except OSError:
            return Answer(0, "")


class Chat:
    """What both chats offer to a test: where they are, and reading a channel back."""

    token = "xoxb-integration"
    url = None  # add /api for the Web API

    def call(self, method, **arguments):
        return http("POST", f"{self.url}/api/{method}", urllib.parse.urlencode(arguments),
                    {"Authorization": f"Bearer {self.token}",
                     "Content-Type": "application/x-www-form-urlencoded"}).json()

    def channel_id(self, name):
        found = self.call("conversations.list", limit=200)["channels"]
        return next(c["id"] for c in found if c["name"] == name)

    def texts(self, channel):
        """The messages of a channel as text, oldest first: every text of attachments and blocks."""
        history = self.call("conversations.history", channel=self.channel_id(channel), limit=200)
        assert history["ok"], history
        return ["\n".join(leaves(message)) for message in reversed(history["messages"])]


def leaves(value):
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)


class Emulate(Peer, Chat):
    """The Slack emulator of npm's `emulate`."""

    name = "emulate"

    def start(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        seed = {"slack": {
            "team": {"name": "Acme", "domain": "acme"},
            "channels": [{"name": name} for name in ("ops-staging", "ops", "drills")],
            "bots": [{"name": "firedrill"}],
            "tokens": [{"token": self.token, "type": "bot"}],
        }}
        self.run([node(), os.path.join(HERE, "emulate.mjs"), EMULATE, str(port), json.dumps(seed)])
        self.wait_ready(self.is_ready)
        return self

    def webhook_url(self, _channel):
        """One address for all channels: the payload's own channel is obeyed, unlike in Slack."""
        return self.url + "/services/T000000001/B000000001/integration"

    def is_ready(self):
        try:
            return self.call("auth.test")["ok"]
        except OSError:
            return False


class FakeService(Peer):
    """One service of ours; it says where it listens with one line of JSON."""

    name = "fake-services"

    def __init__(self, service, *arguments, environment=None):
        super().__init__()
        self.argv = [FAKE_SERVICES, service, *arguments]
        self.environment = environment or {}

    def start(self):
        process = self.run(self.argv, self.environment, stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            process.wait(READY_S)
            raise AssertionError(f"{' '.join(self.argv)} said nothing:\n{self.log()}")
        self.said = json.loads(line)
        self.url = self.said.get("url")
        return self


class FakeChat(FakeService, Chat):
    """Our own fake of Slack."""

    def __init__(self):
        super().__init__("chat", "--control", environment={"FAKE_CHAT_TOKEN": self.token})

    def webhook_url(self, channel):
        return self.said["webhooks"][channel]


# ---- tests -----------------------------------------------------------------------------------

class Case(unittest.TestCase):
    """A test whose peers end with it, whatever happens."""

    maxDiff = None

    def peer(self, peer):
        self.addCleanup(peer.stop)
        return peer.start()


def main():
    """`peers.py missing`: one line for each peer that cannot be used here."""
    if sys.argv[1:] != ["missing"]:
        sys.exit("usage: peers.py missing")
    for name in ("prometheus", "prometheus-alertmanager", "rabbitmq", "emulate"):
        why = lacks(name)
        if why:
            print(f"skipped: tests that need {name} ({why})")


if __name__ == "__main__":
    main()
