"""The peers of a world in which alerts get lost: they are given a new configuration while they run,
and the chat misbehaves when it is told to."""
import contextlib
import http.server
import json
import re
import threading
import time

import peers

CHANNELS = 60


def nobody():
    """An address where nothing listens."""
    return f"127.0.0.1:{peers.free_port()}"


def bare(url):
    return url.removeprefix("http://")


class Reloaded(peers.Peer):
    """A peer whose configuration is written and loaded anew while it runs."""

    loaded = None

    def load(self, config):
        """JSON is YAML. False: it was loaded already."""
        text = json.dumps(config)
        if text == self.loaded:
            return False
        self.loaded = text
        self.write("config.yml", text)
        if self.url is None:
            self.begin()
        else:
            answer = peers.http("POST", self.url + "/-/reload", b"")
            assert answer.status == 200, answer.body
        return True

    def begin(self):
        raise NotImplementedError

    def start(self):
        return self

    def get(self, path):
        return peers.http("GET", self.url + path).json()


class Prometheus(Reloaded):
    name = "prometheus"

    def begin(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.run(["prometheus", f"--config.file={self.folder}/config.yml",
                  f"--storage.tsdb.path={self.folder}/data", "--web.enable-lifecycle",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready"))

    def alerts(self):
        return self.get("/api/v1/alerts")["data"]["alerts"]

    def knows(self, targets, managers):
        """Has what was loaded come through? It takes up to 5 s: until then it tells nobody."""
        found = self.get("/api/v1/alertmanagers")["data"]["activeAlertmanagers"]
        active = self.get("/api/v1/targets?state=active")["data"]["activeTargets"]
        return (sorted(bare(each["url"]).split("/")[0] for each in found) == sorted(managers)
                and [each["labels"]["instance"] for each in active] == targets
                and all(each["health"] != "unknown" for each in active))


class Alertmanager(Reloaded):
    name = "prometheus-alertmanager"

    def begin(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.run(["prometheus-alertmanager", f"--config.file={self.folder}/config.yml",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready"))

    def post(self, path, body):
        answer = peers.http("POST", self.url + path, json.dumps(body),
                            {"Content-Type": "application/json"})
        assert answer.status == 200, answer.body
        return answer.body

    def fire(self, seconds=None, **labels):
        """An alert sent straight to it, which ends by itself or stays."""
        alert = {"labels": labels, "annotations": {"summary": "not of the drill"}}
        if seconds is not None:
            alert["endsAt"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        self.post("/api/v2/alerts", [alert])

    def firing(self, name):
        return [each for each in self.get("/api/v2/alerts")
                if each["labels"]["alertname"] == name]

    def counted(self, metric):
        """The sum of a counter over all labels."""
        text = peers.http("GET", self.url + "/metrics").body
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if re.match(rf"{metric}[ {{]", line))


class Chat(peers.FakeService, peers.Chat):
    """Our fake of Slack, with a webhook for each of many channels, made to misbehave by wrong()."""

    def __init__(self):
        channels = [word for name in ("unread", *(f"lane-{n}" for n in range(CHANNELS)))
                    for word in ("--channel", name)]
        super().__init__("chat", "--control", *channels,
                         environment={"FAKE_CHAT_TOKEN": self.token})
        self.webhooks = {}

    def control(self, method, what, wishes=None):
        answer = peers.http(method, f"{self.url}/control/{what}",
                            None if wishes is None else json.dumps(wishes))
        assert answer.status == 200, (what, wishes, answer.body)

    def wrong(self, **wishes):
        self.control("PUT", "wrong", wishes)

    def behave(self):
        self.control("DELETE", "wrong")


class Proxy:
    """Stands before a station and answers as it does, only later."""

    def __init__(self, target, seconds):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                time.sleep(seconds)  # the slowness of this world
                answer = peers.http("GET", target + self.path)
                body = answer.body.encode()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):  # firedrill may have given up
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
