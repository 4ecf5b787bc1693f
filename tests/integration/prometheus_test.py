#!/usr/bin/env python3
"""The chain that most teams have: metrics, Prometheus with rules, Alertmanager, chat."""
import unittest

import drills
import peers


class PrometheusTest(drills.DrillCase):
    def chain(self, *slack, targets=None, paths=None):
        """An orders API that is scraped, rules, and Alertmanager with these Slack settings."""
        self.orders = self.peer(peers.FakeService("orders"))
        alertmanager = self.peer(peers.Alertmanager(*slack))
        self.prometheus = self.peer(peers.Prometheus(
            {"orders": self.orders.url, **(targets or {})}, alertmanager.url, paths))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)

    def queue(self):
        return peers.http("GET", self.orders.url + "/admin/queue").body.strip()

    def test_an_alert_is_read_back_however_it_was_posted_and_in_whichever_chat(self):
        fake, emulate = self.peer(peers.FakeChat()), self.peer(peers.Emulate())
        self.chain(peers.slack_by_webhook(fake, "ops"), peers.slack_by_token(fake, "ops-staging"),
                   peers.slack_by_webhook(emulate, "ops"),
                   peers.slack_by_token(emulate, "ops-staging"))
        self.configure({"fake": fake.url + "/api", "emulate": emulate.url + "/api"},
                       {"api": self.orders.url})
        self.scenario("bad-queue", drills.BAD_QUEUE, *(
            drills.expect(channel, ["OrdersQueueMissing", "${drill}"], chat=chat,
                          resolved="90s", contains=["runbook"])
            for chat in ("fake", "emulate") for channel in ("#ops", "#ops-staging")))
        result, report = self.drill("bad-queue")
        self.assert_passed(result, report)
        self.assertEqual(len(report["expectations"]), 4)
        self.assertEqual(report["fault"], report["fault"] | {
            "kind": "bad-queue-name", "via": "http", "effect": "mutation", "state": "clean"})
        self.assertEqual(self.queue(), "orders")
        for chat in (fake, emulate):
            for channel in ("ops", "ops-staging"):
                found = [t for t in chat.texts(channel) if report["drill"] in t]
                own = f"firedrill:{report['drill']}"
                told = [next(word for word in (own, "FIRING", "RESOLVED") if word in text)
                        for text in found]
                self.assertEqual(told, [own, "FIRING", "RESOLVED"], found)

    def test_an_alert_without_a_nonce_is_told_apart_by_time(self):
        chat = self.peer(peers.FakeChat())
        self.chain(peers.slack_by_webhook(chat, "ops"))
        self.configure({"slack": chat.url + "/api"}, {"api": self.orders.url})
        self.scenario("dead-health", drills.DEAD_HEALTH,
                      drills.expect("#ops", ["OrdersHealthDown"], resolved="90s"))
        self.assert_passed(*self.drill("dead-health"))
        self.assertEqual(peers.http("GET", self.orders.url + "/health").status, 200)

    def test_an_alert_that_fires_but_has_no_chat_integration_is_a_gap(self):
        chat = self.peer(peers.FakeChat())
        self.chain()
        self.configure({"slack": chat.url + "/api"}, {"api": self.orders.url})
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], within="8s",
                                    grace="2s", resolved="5s"))
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"]), (1, "gap"), result)
        self.assertEqual(report["expectations"][0]["verdict"], "missing", result)
        self.assertEqual(report["fault"]["state"], "clean", result)
        self.assertEqual(self.queue(), "orders")
        self.assertTrue(report["gap"]["evidence"], result)

    def test_the_canary_that_the_monitor_polls_falls_ill_and_recovers(self):
        for mode in ("status", "refused"):
            with self.subTest(mode):
                chat = self.peer(peers.FakeChat())
                canary = f"127.0.0.1:{peers.free_port()}"
                self.chain(peers.slack_by_webhook(chat, "ops"), targets={"canary": canary},
                           paths={"canary": "/canary/orders/health"})
                self.configure({"slack": chat.url + "/api"},
                               more=f'canary = {{ listen = "{canary}"; }};')
                self.scenario("canary", drills.CANARY % mode,
                              drills.expect("#ops", ["CanaryDown"], resolved="90s"))
                result, report = self.drill("canary")
                self.assert_passed(result, report)
                self.assertEqual(report["fault"]["state"], "clean", result)

    def test_the_control_drill_breaks_nothing_and_hears_nothing(self):
        chat = self.peer(peers.FakeChat())
        self.chain(peers.slack_by_webhook(chat, "ops"))
        self.configure({"slack": chat.url + "/api"})
        self.scenario("control", drills.NOTHING,
                      drills.expect("#ops", ["FIRING"], within="5s", grace="0s", never=True))
        result, report = self.drill("control")
        self.assertEqual((result.code, report["verdict"]), (0, "pass"), result)
        self.assertEqual(report["expectations"][0]["verdict"], "silent", result)


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager", "emulate")
    unittest.main(verbosity=2)
