#!/usr/bin/env python3
"""What people read before a drill, of real Prometheus and Alertmanager: how long an alert will take,
part by part, and what would spoil the drill; and that a drill keeps to what was computed."""
import json
import os
import unittest

import drills
import peers

PASS = 0


class Router(peers.Alertmanager):
    """Alertmanager with any route and receivers."""

    def __init__(self, route, receivers):
        super().__init__()
        self.config = {"route": {"receiver": "team", "group_by": ["..."], "group_wait": "2s",
                                 "group_interval": "1s", "repeat_interval": "1h", **route},
                       "receivers": receivers}

    def start(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        path = self.write("alertmanager.yml", json.dumps(self.config))
        self.run(["prometheus-alertmanager", f"--config.file={path}",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready"))
        return self


class DoctorTest(drills.DrillCase):
    def chain(self, route=None, **slack):
        self.chat = self.peer(peers.FakeChat())
        self.orders = self.peer(peers.FakeService("orders"))
        posts = {"send_resolved": True, "text": peers.Alertmanager.text,
                 **peers.slack_by_webhook(self.chat, "ops"), **slack}
        self.alertmanager = self.peer(Router(route or {}, [
            {"name": "team", "slack_configs": [posts]}, {"name": "null"}]))
        self.prometheus = self.peer(peers.Prometheus({"orders": self.orders.url},
                                                     self.alertmanager.url))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)

    def written(self, spacing="", **expectation):
        hops = drills.hops((("prometheus", self.prometheus.url),
                            ("alertmanager", self.alertmanager.url)))
        self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                       drills.pipeline(*hops), staging=drills.IN_MAIN + spacing)
        more = {"within": "auto", "resolved": "auto", "grace": "1s", **expectation}
        more = {key: value for key, value in more.items() if value is not None}
        self.scenario("bad-queue", drills.BAD_QUEUE, {
            "channel": "#ops", "match": ["OrdersQueueMissing", "${drill}"], **more})

    def doctor(self):
        result = self.firedrill("doctor")
        self.assertEqual(result.code, PASS, result)
        return result

    def assert_warned(self, *words):
        """One warning has all of these words; returns the result."""
        result = self.doctor()
        warnings = [line for line in result.out.splitlines() if line.startswith("warning")]
        self.assertTrue(any(all(word in line for word in words) for line in warnings), result)
        return result

    def test_the_time_is_told_with_its_parts_and_a_drill_keeps_to_it(self):
        self.chain()
        self.written()
        result = self.doctor()
        self.assertRegex(result.out, r"(?m)^ok       bad-queue in staging: OrdersQueueMissing takes "
                                     r"3 s to 16 s: scrape interval 0-1 s, .*for 1-2 s, .*group_wait "
                                     r"2 s; resolved 0 s to 13 s: .*; auto: within 23 s, resolved ")
        result, report = self.drill("bad-queue")
        self.assert_passed(result, report)
        expectation = report["expectations"][0]
        timing = expectation["timing"]
        self.assertEqual((expectation["within_ms"], timing["auto"]), (23000, True), result)
        self.assertEqual((timing["least_ms"], timing["most_ms"]), (3000, 16000), result)
        self.assertEqual(sum(part["most_ms"] for part in timing["parts"]
                             if not part["resolving"]), 16000, result)
        self.assertLessEqual(timing["least_ms"], expectation["latency_ms"] + 1000, result)
        self.assertLessEqual(expectation["latency_ms"], timing["most_ms"] + 5000, result)
        self.assertIn("timing          OrdersQueueMissing takes 3 s to 16 s: scrape interval",
                      result.err)
        self.assertIn("within 23 s", result.err)
        thread = [text for text in self.chat.texts("ops") if "within 23 s" in text]
        self.assertEqual(len(thread), 0, "a pass is told without its expectation")

    def test_a_deadline_that_cannot_be_kept_or_may_be_missed_is_warned_of(self):
        self.chain()
        self.written(within="2s", resolved="3s")
        result = self.assert_warned("cannot be kept", "at least 3", "group_wait")
        self.assertIn("the resolved message may take up to 13", result.out)
        self.written(within="10s")
        self.assert_warned("the alert may take up to 16", 'write within = "auto"')
        self.written(within="20s")
        self.assertNotIn("the alert may take", self.doctor().out)

    def test_a_receiver_that_posts_nowhere_is_warned_of(self):
        self.chain({"routes": [{"matchers": ['severity="page"'], "receiver": "null"}]})
        self.written()
        self.assert_warned("null", "posts nowhere")

    def test_a_receiver_that_does_not_send_resolved_is_warned_of_when_it_is_asked_for(self):
        self.chain(send_resolved=False)
        self.written()
        self.assert_warned("send_resolved")
        self.written(resolved=None)
        self.assertNotIn("send_resolved", self.doctor().out)

    def test_an_id_that_the_template_drops_is_warned_of(self):
        self.chain(title="An alert", text="look at the dashboard", fallback="an alert",
                   title_link="https://dashboard.example", pretext="-", footer="-")
        self.written()
        self.assert_warned("the same text for every alert", "the drill's id is lost")
        self.written(match=["OrdersQueueMissing"], spacing='spacing = "1h";')
        self.assertNotIn("the same text", self.doctor().out)

    def test_the_webhooks_of_probes_are_looked_at_without_posting_anything(self):
        self.chain()
        self.written()
        with open(os.path.join(self.folder, "firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        hook = '{ channel = "#%s"; url = "env:%s"; }'
        hooks = ", ".join((hook % ("ops", "HOOK_OF_NOBODY"), hook % ("opps", "SLACK_TOKEN")))
        self.write("firedrill.cfg", text.replace(
            "main = {", f"main = {{ bisect = {{ webhooks = ( {hooks} ); }};", 1))
        result = self.firedrill("doctor")
        self.assertEqual(result.code, 2, result)
        self.assertIn("PROBLEM  webhook of #ops (main): the environment variable HOOK_OF_NOBODY is "
                      "not set", result.out)
        self.assertIn("warning  webhook of #opps (main): it is never used", result.out)
        self.assertEqual(self.chat.texts("ops"), [])

    def test_a_silence_that_is_there_now_is_warned_of(self):
        self.chain()
        self.written()
        answer = peers.http("POST", self.alertmanager.url + "/api/v2/silences", json.dumps({
            "matchers": [{"name": "alertname", "value": "Orders.*", "isRegex": True}],
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
            "createdBy": "joe", "comment": "maintenance"}), {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.body)
        self.assert_warned("silence", "joe")

    def test_a_rule_that_is_not_there_is_warned_of(self):
        self.chain()
        self.written(match=["NoSuchAlert", "${drill}"])
        self.assert_warned("NoSuchAlert")


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)
