#!/usr/bin/env python3
"""A gap is confirmed by probes: a message by the webhook, an alert straight to a real Alertmanager."""
import json
import unittest

import drills
import peers

GAP = 1


class Router(peers.Alertmanager):
    """Alertmanager with settings of its own, beside those that it has."""

    def __init__(self, *slack, **more):
        super().__init__(*slack)
        self.more = more

    def write(self, name, text):
        return super().write(name, json.dumps({**json.loads(text), **self.more}))


class Ruleless(peers.Prometheus):
    """Prometheus whose file of rules was never loaded."""

    def write(self, name, text):
        return super().write(name, json.dumps({**json.loads(text), "rule_files": []}))


class BisectTest(drills.DrillCase):
    def chain(self, slack=None, told=True, prometheus=peers.Prometheus, **more):
        """The orders API, Prometheus, Alertmanager, the chat; `told`: Prometheus tells the second."""
        self.chat = self.peer(peers.FakeChat())
        self.orders = self.peer(peers.FakeService("orders"))
        self.alertmanager = self.peer(Router(*([slack(self.chat)] if slack else []), **more))
        self.prometheus = self.peer(prometheus(
            {"orders": self.orders.url}, self.alertmanager.url if told else None))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)
        self.environment["SLACK_WEBHOOK"] = self.chat.webhook_url("ops")
        self.pipeline()

    def pipeline(self, environment=""):
        hops = drills.hops((("prometheus", self.prometheus.url),
                            ("alertmanager", self.alertmanager.url)), timeout="5s")
        bisect = """
    bisect = { webhooks = ( { channel = "#ops"; url = "env:SLACK_WEBHOOK"; } );
               alertmanager = true; within = "10s"; };"""
        self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                       drills.pipeline(*hops, more=bisect), staging=drills.IN_MAIN + environment)
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], within="6s", grace="1s"))

    def run_gap(self, after, before, confirmed, *arguments):
        result, report = self.drill("bad-queue", *arguments)
        self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
        gap = report["gap"]
        self.assertEqual((gap["after"], gap["before"], gap["confirmed"]),
                         (after, before, confirmed), result)
        self.assertEqual(report["expectations"][0]["verdict"], "missing", result)
        self.assertEqual(report["fault"]["state"], "clean", result)
        self.assertNotIn(self.environment["SLACK_WEBHOOK"], result.out + result.err)
        return result, report

    def assert_probes(self, result, report, *wanted):
        found = [(probe["hop"], probe["result"]) for probe in report["probes"]]
        self.assertEqual(found, list(wanted), result)

    def firing(self):
        found = peers.http("GET", self.alertmanager.url + "/api/v2/alerts").json()
        return [each for each in found if "drill_id" in each["labels"]]

    def test_an_alert_that_the_rule_never_raised_while_the_way_to_the_chat_works(self):
        self.chain(lambda chat: peers.slack_by_webhook(chat, "ops"), prometheus=Ruleless)
        result, report = self.run_gap("emission", "rule", True)
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "arrived"))
        self.assertRegex(report["gap"]["probes"],
                         "confirmed: a probe sent by the webhook arrived (at once|after)")
        for probe in report["probes"]:
            self.assertGreaterEqual(probe["latency_ms"], 0, result)
        ids = [f"{report['drill']}-p{n}" for n in (1, 2)]
        told = self.chat.texts("ops")
        for each in ids:
            self.assertTrue(any(each in text and "[DRILL]" in text for text in told), told)
        self.assertEqual(self.firing(), [], result)  # it was ended
        self.assertTrue(any("Probes" in text and "confirmed" in text for text in told), told)

    def test_an_alert_that_prometheus_does_not_tell_alertmanager_of(self):
        self.chain(lambda chat: peers.slack_by_webhook(chat, "ops"), told=False)
        result, report = self.run_gap("rule", "alertmanager", True)
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "arrived"))

    def test_a_receiver_that_posts_nowhere(self):
        self.chain()
        result, report = self.run_gap("alertmanager", "receiver", True)
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "lost"))
        self.assertRegex(report["gap"]["probes"], "the webhook arrived (at once|after)")
        self.assertIn("an alert sent straight to Alertmanager did not arrive",
                      report["gap"]["probes"])
        self.assertEqual(self.firing(), [], result)

    def test_a_webhook_that_was_deleted(self):
        self.chain(lambda chat: {"api_url": chat.url + "/services/T0/B0/gone", "channel": "ops"})
        self.environment["SLACK_WEBHOOK"] = self.chat.url + "/services/T0/B0/gone"
        result, report = self.run_gap("alertmanager", "receiver", True)
        self.assert_probes(result, report, ("receiver", "refused"))
        self.assertIn("it answered 404: no_service", report["probes"][0]["text"])

    def test_a_webhook_that_answers_ok_and_posts_nothing(self):
        self.chain(lambda chat: peers.slack_by_webhook(chat, "ops"))
        answer = peers.http("PUT", self.chat.url + "/control/wrong",
                            json.dumps({"drop_alert": True}))
        self.assertEqual(answer.status, 200, answer.body)
        result, report = self.run_gap("receiver", "chat", True)
        self.assert_probes(result, report, ("receiver", "lost"))
        self.assertIn("it answered 200: ok", report["probes"][0]["text"])

    def test_an_alertmanager_that_is_gone(self):
        self.chain(lambda chat: peers.slack_by_webhook(chat, "ops"))
        self.alertmanager.stop()
        result, report = self.run_gap("rule", "chat", False)
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "skipped"))

    def test_an_alert_that_could_hold_back_real_ones_is_not_sent(self):
        self.chain(inhibit_rules=[{"source_matchers": ['severity="page"'],
                                   "target_matchers": ['severity="warning"']}])
        result, report = self.run_gap("alertmanager", "receiver", False)
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "skipped"))
        self.assertIn("inhibit_rules", report["probes"][1]["text"])

    def test_a_protected_environment_is_left_alone_unless_it_says_otherwise(self):
        self.chain()
        self.pipeline(environment='protected = true; effect_limit = "mutation";')
        result, report = self.run_gap("alertmanager", "receiver", False, "--allow-protected")
        self.assert_probes(result, report)
        self.pipeline(
            environment='protected = true; effect_limit = "mutation"; bisect = true;')
        planned = self.firedrill("plan", "bad-queue", "--env", "staging", "--allow-protected")
        self.assertIn("/api/v2/alerts", planned.out)
        self.assertIn("by the webhook env:SLACK_WEBHOOK", planned.out)
        result, report = self.run_gap("alertmanager", "receiver", True, "--allow-protected")
        self.assert_probes(result, report, ("receiver", "arrived"), ("alertmanager", "lost"))


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)
