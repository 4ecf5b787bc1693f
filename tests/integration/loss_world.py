"""One small world in which alerts get lost: a service, real Prometheus, real Alertmanager, a chat,
and the real firedrill that drills them.

fresh() makes everything healthy, a way of losing alerts changes what fresh() sets, apply() makes it so,
drill() tells what firedrill found, calm() takes back what one way alone needed.  Every drill has a
channel of its own, so that none finds what another left.
"""
import contextlib
import copy
import json
import re
import socket
import threading
import time
import zlib

import drills
import peers
from loss_peers import CHANNELS, Alertmanager, Chat, Prometheus, Proxy, bare

ALERT = "OrdersQueueMissing"
TEAM, OTHERS = "team", "others"  # receivers: the drilled team's, and one in a channel nobody reads
NEVER = "30m"  # longer than any drill here
QUIET_S = 0.8  # longer than group_interval: what Alertmanager had to post, it has posted,
LOOKS = 12     # ... unless all of this machine stood still: so often it has answered meanwhile
NOISE_S = 0.12  # 500 messages a minute

# True from the first failure on until two seconds after the last.
FAILS = ("sum by (queue) (orders_publish_failures_total - "
         "(orders_publish_failures_total offset 2s or orders_publish_failures_total * 0)) > 0")
FAILED = FAILS.replace("2s", "8s")  # ... until eight seconds after
TEXT = ("{{ range .Alerts }}{{ .Annotations.summary }}\n"
        "runbook: {{ .Annotations.runbook_url }}\n{{ end }}")


def rule(**more):
    """The team's alerting rule."""
    return {"alert": ALERT, "expr": FAILS, "labels": {"severity": "page"},
            "annotations": {"summary": "no queue {{ $labels.queue }}",
                            "runbook_url": "https://wiki.example/orders-queue"}, **more}


class Found:
    """What one drill came to."""

    def __init__(self, result, report, said):
        self.result, self.report = result, report
        self.said = said  # of the gap, in the chat
        self.verdict, self.code = report["verdict"], result.code
        self.reason = report["reason"] or ""
        self.finding = report["expectations"][0]["verdict"]
        gap = report["gap"] or {}
        self.gap = (gap["after"], gap["before"]) if gap else None
        self.words = " ".join(gap.get(key) or "" for key in ("evidence", "cause", "advice"))
        self.fault = report["fault"]["state"]

    def trouble(self):
        """What is wrong with the report by itself; nothing when all is well."""
        if self.gap is None:
            return ["the chat is told of a gap"] if self.said else []
        words = f"{self.gap[0]} and {self.gap[1]}"
        if len(self.said) != 1 or words not in self.said[0]:
            return [f"the chat is not told once of a gap between {words}: {self.said}"]
        if self.report["gap"]["verdict"] != self.finding:
            return [f"the gap is one of {self.report['gap']['verdict']}"]
        return []


class World(drills.DrillCase):
    """Use: open(); for each drill fresh(), changes, apply(), drill(), calm(); at last close()."""

    def runTest(self):
        raise NotImplementedError("not a test of its own")

    def open(self):
        self.setUp()
        self.number = 0
        self.away = contextlib.ExitStack()  # takes back what one way alone needed
        self.chat = self.peer(Chat())
        self.chat.control("PUT", "channel", {"name": "unread", "private": True})
        self.orders = self.peer(peers.FakeService("orders", "--control", "--quiet"))
        self.am = self.peer(Alertmanager())
        self.am.load({"route": {"receiver": "null"}, "receivers": [{"name": "null"}]})
        self.prom = self.peer(Prometheus())
        self.prom.load({})
        return self

    def close(self):
        self.away.close()
        self.doCleanups()

    # What a way of losing alerts may change.

    def fresh(self):
        """All that a drill needs to pass, in a channel that no drill has used."""
        self.channel = f"lane-{self.number % CHANNELS}"
        self.number += 1
        self.targets, self.job = [bare(self.orders.url)], {}  # that Prometheus scrapes, and how
        self.rules = [rule()]
        self.interval = "500ms"  # of their group
        self.tells, self.relabel = [self.am.url], []  # the Alertmanagers, and what is done before
        self.route = {"receiver": TEAM, "group_by": ["..."], "group_wait": "0s",
                      "group_interval": "500ms", "repeat_interval": "1h"}
        self.team = [self.slack()]  # what the drilled team's receiver posts with
        self.others = "general"  # where the other team's receiver posts
        self.manager = {}  # the rest of Alertmanager's configuration
        self.asked = [("prometheus", self.prom.url), ("alertmanager", self.am.url)]
        self.expectation = drills.expect("#" + self.channel, [ALERT, "${drill}"], within="6s",
                                         grace="1s")
        self.fault = drills.BAD_QUEUE
        self.chat_wrong, self.orders_wrong = {}, {}  # how they misbehave during the drill
        self.befores = []  # done last before the drill
        self.plain = copy.deepcopy(self.manager_config())

    def slack(self, channel=None, **more):
        """Settings of an integration that posts by webhook."""
        channel = channel or self.channel
        return {"api_url": self.chat.said["webhooks"][channel], "channel": channel,
                "send_resolved": True, "text": TEXT, **more}

    def another(self, config=None):
        """A second Alertmanager, which knows nothing of the first; it is gone with this way."""
        manager = Alertmanager()
        self.away.callback(manager.stop)
        manager.load(config or self.manager_config())
        return manager

    def before(self, action):
        self.befores.append(action)

    def when_broken(self, action):
        """Does it as soon as the fault is in place."""
        over = threading.Event()

        def watch():
            while not over.wait(0.05):
                if peers.http("GET", self.orders.url + "/admin/queue").body.strip() != "orders":
                    action()
                    return
        watcher = threading.Thread(target=watch)
        self.away.callback(watcher.join)
        self.away.callback(over.set)
        self.before(watcher.start)

    def slow(self, station, seconds):
        """The station is asked through a proxy, and each answer takes that long."""
        proxy = Proxy(dict(self.asked)[station], seconds)
        self.away.callback(proxy.stop)
        self.ask(station, proxy.url)

    def deaf(self):
        """An address that takes connections and never answers."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.away.callback(listener.close)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def ask(self, station, url):
        """The station is asked there."""
        self.asked = [(kind, url if kind == station else other) for kind, other in self.asked]

    def fire(self, **labels):
        """An alert that is not of the drill, straight into Alertmanager; over with this way."""
        self.am.fire(**labels)
        self.away.callback(self.am.fire, 0, **labels)

    def tell_unseen(self, over=False, **labels):
        """An alert that Alertmanager has posted, but that does not stand in the chat."""
        requests = self.am.counted("alertmanager_notification_requests_total")
        self.chat.wrong(drop_alert=True)
        self.fire(**labels)
        peers.until("the alert is posted", lambda: self.am.counted(
            "alertmanager_notification_requests_total") > requests)
        if over:
            self.am.fire(0, **labels)
            peers.until("the alert is over", lambda: not self.am.get("/api/v2/alerts"))
        self.chat.behave()

    def say(self, text):
        """By a webhook, into the drill's channel."""
        answer = peers.http("POST", self.chat.said["webhooks"][self.channel],
                            json.dumps({"text": text}))
        assert answer.status == 200, answer.body

    def noise(self):
        """People and machines say something every 120 ms, until this way is over."""
        over = threading.Event()

        def talk():
            said = 0
            while not over.wait(NOISE_S):
                said += 1
                self.say(f"deploy {said} of orders-fd-{said:08x} is done, no queue is missing")
        talker = threading.Thread(target=talk)
        talker.start()
        self.away.callback(talker.join)
        self.away.callback(over.set)

    def silence(self, **more):
        """Active now; over with this way."""
        made = self.am.post("/api/v2/silences", {
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z", **more})
        self.away.callback(peers.http, "DELETE", self.am.url + "/api/v2/silence/"
                           + json.loads(made)["silenceID"])

    # Making it so.

    def manager_config(self):
        return {"route": self.route, **self.manager, "receivers": [
            {"name": TEAM, "slack_configs": self.team}, {"name": "null"},
            {"name": OTHERS, "slack_configs": [self.slack(self.others)]}]}

    def apply(self):
        self.am.load(self.plain)  # so that the ends of earlier alerts are posted at once
        self.be_quiet()
        self.am.load(self.manager_config())
        rules = json.dumps({"groups": [{"name": "orders", "interval": self.interval,
                                        "rules": self.rules}]})
        managers = [bare(url) for url in self.tells]
        changed = self.prom.load({
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms",
                       "evaluation_interval": "500ms"},
            "rule_files": [self.prom.write(f"rules-{zlib.crc32(rules.encode())}.yml", rules)],
            "scrape_configs": [{"job_name": "orders", **self.job,
                                "static_configs": [{"targets": self.targets}]}],
            "alerting": {"alert_relabel_configs": self.relabel, "alertmanagers": [
                {"static_configs": [{"targets": [address]}]} for address in managers]}})
        if changed:
            peers.until("Prometheus does as it is told",
                        lambda: self.prom.knows(self.targets, managers))
        for action in self.befores:
            action()
        self.chat.wrong(**self.chat_wrong)
        peers.http("PUT", self.orders.url + "/control/wrong", json.dumps(self.orders_wrong))

    def be_quiet(self):
        """Returns when Alertmanager has nothing left to post of what was before."""
        last, begun, looks = None, 0, 0

        def look():
            nonlocal last, begun, looks
            count = self.am.counted("alertmanager_notifications_total")
            if count != last:
                last, begun, looks = count, time.monotonic(), 0
            looks += 1
            return looks > LOOKS and time.monotonic() - begun > QUIET_S
        peers.until("Alertmanager is quiet", look)

    def calm(self):
        """Waits until the alert is over and takes back what only this way needed."""
        self.chat.behave()
        peers.http("PUT", self.orders.url + "/control/wrong", "{}")
        peers.until("the alert is over in Prometheus", lambda: not self.prom.alerts())
        self.away.close()
        peers.until("no alert is left in Alertmanager",
                    lambda: not self.am.get("/api/v2/alerts") or not self.tells)

    def drill(self, name):
        hops = [{"type": kind, "name": f"{kind}-{n}", "url": url, "timeout": "20s"}
                for n, (kind, url) in enumerate(self.asked)]
        self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                       drills.pipeline(*hops), chat={"patience": "10s"}, staging=drills.IN_MAIN)
        self.scenario(name, self.fault, self.expectation)
        result = self.firedrill("run", name, "--env", "staging", "--json")
        if len(result.out.splitlines()) != 1:
            raise AssertionError(result)
        report = result.reports[0]
        said = self.chat.texts(self.channel) if report["verdict"] in ("gap", "pass") else []
        return Found(result, report, [text for text in said if re.search(
            "ost between|More than one between", text)])
