#!/usr/bin/env python3
"""What real Prometheus and real Alertmanager say of an alert that went through, and what is said of
stations that are something else; how alerts get lost is in loss_matrix_test."""
import json
import os
import subprocess
import time
import unittest

import drills
import peers

DRILL = "fd-k3q9x2m7"
LOOK = os.path.join(peers.BUILD, "tests", "integration", "hop_look")


class Look:
    """The program hop_look: observes a station when it is told to, and explains."""

    def __init__(self, kind, url, alert, drill=DRILL, *header):
        self.process = subprocess.Popen([LOOK, kind, url, alert, drill, *header],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def explain(self, injected):
        return {each["hop"]: each for each in self.say(f"explain {int(injected * 1000)}")}

    def stop(self):
        self.process.stdin.close()
        self.process.wait(peers.READY_S)
        self.process.stdout.close()


class Router(peers.Alertmanager):
    """Alertmanager with any configuration; its address may have a path prefix."""

    def __init__(self, config, prefix=""):
        super().__init__()
        self.config, self.prefix = config, prefix

    def start(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}{self.prefix}"
        path = self.write("alertmanager.yml", json.dumps(self.config))
        self.run(["prometheus-alertmanager", f"--config.file={path}",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.external-url={self.url}", f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready"))
        return self

    def post(self, path, body):
        answer = peers.http("POST", self.url + path, json.dumps(body),
                            {"Content-Type": "application/json"})
        assert answer.status == 200, answer.body
        return answer.body

    def fire(self, **labels):
        self.post("/api/v2/alerts", [{"labels": {"alertname": "OrdersQueueMissing", **labels},
                                      "annotations": {"summary": "a \"quote\" ü\nline"}}])

    def metric(self, name, integration="slack"):
        text = peers.http("GET", self.url + "/metrics").body
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith(name + "{") and f'integration="{integration}"' in line)


ROUTES = {"receiver": "team", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s",
          "repeat_interval": "1h"}


class HopsTest(drills.DrillCase):
    def look(self, *arguments):
        look = Look(*arguments)
        self.addCleanup(look.stop)
        return look

    def router(self, *integrations, prefix=""):
        return self.peer(Router({"route": ROUTES, "receivers": [
            {"name": "team", "slack_configs": list(integrations)}]}, prefix))

    def seen(self, router, wanted, **labels):
        """The findings of an alert that is sent straight to Alertmanager."""
        look = self.look("alertmanager", router.url, "OrdersQueueMissing")
        before = look.say("before")
        self.assertEqual(before["requests"], 4, before)
        injected = time.time()
        router.fire(queue=f"orders-{DRILL}", **labels)
        peers.until("the alert is through", wanted)
        look.say("peak")
        return look.explain(injected)

    def assert_says(self, finding, state, evidence, cause=""):
        self.assertEqual(finding["state"], state, finding)
        self.assertIn(evidence, finding["evidence"])
        self.assertIn(cause, finding.get("cause", ""), finding)

    # Alertmanager.

    def test_a_posted_alert_under_a_path_prefix(self):
        chat = self.peer(peers.FakeChat())
        router = self.router(peers.slack_by_webhook(chat, "ops"), prefix="/team/am")
        found = self.seen(router, lambda: router.metric("alertmanager_notification_requests_total") > 0,
                          odd='q"uo\\te ü\nline')
        self.assert_says(found["alertmanager"], "had-it", '"team"')
        self.assert_says(found["receiver"], "had-it", "slack: 1 begun, 1 posted, 0 attempts refused")
        self.assertIn("group_wait 0s, group_interval 1s", found["receiver"]["evidence"])

    def test_a_station_that_is_something_else_or_nobody(self):
        router = self.router()
        for kind, hops in (("prometheus", ("metric", "rule")),
                           ("alertmanager", ("alertmanager", "receiver"))):
            for url in (f"http://127.0.0.1:{peers.free_port()}", router.url + "/elsewhere"):
                look = self.look(kind, url, "OrdersQueueMissing")
                self.assertIn("error", look.say("peak"))
                found = look.explain(time.time())
                self.assertEqual({found[hop]["state"] for hop in hops}, {"not-asked"}, found)

    # Prometheus.

    def chain(self, alertmanager):
        self.orders = self.peer(peers.FakeService("orders"))
        self.prometheus = self.peer(peers.Prometheus({"orders": self.orders.url}, alertmanager))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)

    def evaluated(self):
        def look():
            groups = peers.http("GET", self.prometheus.url + "/api/v1/rules").json()
            return all(rule["health"] == "ok" for group in groups["data"]["groups"]
                       for rule in group["rules"])
        peers.until("the rules are evaluated", look)

    def counts(self, name):
        """Has this counter of Prometheus' own counted anything?"""
        text = peers.http("GET", self.prometheus.url + "/metrics").body
        return any(line.startswith(name) and not line.endswith(" 0")
                   for line in text.splitlines())

    def misqueue(self):
        peers.http("PUT", self.orders.url + "/admin/queue", f"orders-{DRILL}")

    def test_a_rule_that_fires_and_is_delivered(self):
        router = self.router()
        self.chain(router.url)
        self.evaluated()
        look = self.look("prometheus", self.prometheus.url, "OrdersQueueMissing")
        before = look.say("before")
        self.assertLessEqual(before["requests"], 5, before)
        injected = time.time()
        self.misqueue()
        peers.until("it fires", lambda: ("OrdersQueueMissing", "firing") in self.prometheus.alerts())
        peers.until("it is sent", lambda: self.counts("prometheus_notifications_sent_total"))
        look.say("peak")
        found = look.explain(injected)
        self.assert_says(found["metric"], "had-it", "OrdersQueueMissing")
        self.assert_says(found["rule"], "had-it", "0 failed, 0 were dropped")
        self.assertGreaterEqual(found["rule"]["at_wall_ms"], injected * 1000 - 2000)
        self.assertNotIn("cause", found["rule"])


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)
