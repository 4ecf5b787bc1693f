#!/usr/bin/env python3
"""Where an alert was lost, with the real program: it asks real Prometheus and Alertmanager, tells
the gap between them, and holds nothing up for one that does not answer."""
import socket
import time
import unittest

import drills
import peers

GAP, PASS = 1, 0


class GapTest(drills.DrillCase):
    def chain(self, *slack):
        self.chat = self.peer(peers.FakeChat())
        self.orders = self.peer(peers.FakeService("orders"))
        self.alertmanager = self.peer(peers.Alertmanager(*[each(self.chat) for each in slack]))
        self.prometheus = self.peer(peers.Prometheus({"orders": self.orders.url},
                                                     self.alertmanager.url))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)

    def pipeline(self, **more):
        """Asks these two, or others by their types."""
        urls = {"prometheus": self.prometheus.url, "alertmanager": self.alertmanager.url, **more}
        hops = ", ".join(drills.group({"type": kind, "url": url, "timeout": "20s"})
                         for kind, url in urls.items())
        path = self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                              f"pipelines = {{ main = {{ hops = ( {hops} ); }}; }};")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg",
                   text.replace("staging = {", 'staging = { pipeline = "main";', 1))
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], within="8s",
                                    grace="2s"))

    def assert_lost(self, result, report, after, before):
        self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
        self.assertEqual((report["gap"]["after"], report["gap"]["before"]), (after, before), result)
        self.assertEqual(report["fault"]["state"], "clean", result)

    def states(self, report):
        return {hop["hop"]: hop["state"] for hop in report["hops"]}

    def test_an_alert_that_is_routed_to_a_receiver_that_posts_nowhere(self):
        self.chain()
        self.pipeline()
        result, report = self.drill("bad-queue")
        self.assert_lost(result, report, "alertmanager", "receiver")
        self.assertEqual(self.states(report) | {"rule": "had-it", "alertmanager": "had-it",
                                                "receiver": "lacked-it", "chat": "lacked-it"},
                         self.states(report), result)
        self.assertIn("team", report["gap"]["evidence"], result)
        self.assertTrue(report["gap"]["advice"], result)
        told = [text for text in self.chat.texts("ops") if "Lost between" in text]
        self.assertEqual(len(told), 1, self.chat.texts("ops"))
        self.assertIn("alertmanager and receiver", told[0])

    def test_a_pass_has_no_gap_and_says_nothing_of_stations(self):
        self.chain(lambda chat: peers.slack_by_webhook(chat, "ops"))
        self.pipeline()
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"]), (PASS, "pass"), result)
        self.assertIsNone(report["gap"], result)
        self.assertEqual(report["hops"], [], result)

    def test_stations_that_never_answer_or_are_not_there_are_not_asked_and_hold_nothing_up(self):
        self.chain()
        deaf = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(deaf.close)
        self.pipeline(prometheus=f"http://127.0.0.1:{deaf.getsockname()[1]}",
                      alertmanager=f"http://127.0.0.1:{peers.free_port()}")
        begun = time.monotonic()
        result, report = self.drill("bad-queue")
        self.assert_lost(result, report, "emission", "chat")
        states = self.states(report)
        self.assertEqual(states | {"rule": "not-asked", "alertmanager": "not-asked"}, states,
                         result)
        self.assertIn("was not asked", report["gap"]["evidence"], result)
        phases = {phase["phase"]: phase["at_ms"] for phase in report["phases"]}
        self.assertLess(phases["revert"] - phases["watch"], 8000 + 3000 + 2000, result)
        self.assertLess(time.monotonic() - begun, 60)


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)
