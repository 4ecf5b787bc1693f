#!/usr/bin/env python3
"""What ends a drill from outside, with the real program: a condition of `stop_when`, and an alert of
the same service that may be a real one. The fault is gone at once, and people are told why."""
import unittest

import drills
import peers

REFUSED, ABORTED = 4, 6


class StopCase(drills.DrillCase):
    """Two orders APIs: one is broken by the drill, the other is what must stay well."""

    def setUp(self):
        super().setUp()
        self.orders = self.peer(peers.FakeService("orders"))
        self.shop = self.peer(peers.FakeService("orders"))
        self.chat = self.peer(peers.FakeChat())
        self.configure({"slack": self.chat.url + "/api"},
                       {"api": self.orders.url, "shop": self.shop.url})

    def write_scenario(self, more=""):
        """No alert will ever come: the drill would wait for a minute."""
        path = self.scenario("bad-queue", drills.BAD_QUEUE,
                             drills.expect("#ops", ["OrdersQueueMissing", "${drill}"]))
        with open(path, "a", encoding="utf-8") as file:
            file.write(more)

    def queue(self):
        return peers.http("GET", self.orders.url + "/admin/queue").body.strip()

    def begin(self):
        process = self.start("run", "bad-queue", "--env", "staging", "--json")
        peers.until("the fault is in place", lambda: self.queue() != "orders")
        return process

    def assert_ended(self, process, *words):
        result = self.finish(process)
        self.assertEqual(result.code, ABORTED, result)
        report = result.reports[0]
        self.check_contract(report, result)
        self.assertEqual((report["verdict"], report["fault"]["state"]), ("aborted", "clean"), result)
        self.assertEqual(self.queue(), "orders")
        for word in words:
            self.assertIn(word, report["text"], result)
        own = [text for text in self.chat.texts("ops") if f"firedrill:{report['drill']}" in text]
        self.assertIn(words[0], own[0])


class StopWhen(StopCase):
    CHECK = 'stop_when = ( { check = "${shop}/health"; every = "200ms"; times = 2; } );\n'

    def test_a_check_that_goes_bad_ends_the_drill(self):
        self.write_scenario(self.CHECK)
        process = self.begin()
        peers.http("PUT", self.shop.url + "/admin/health", "dead")
        self.assert_ended(process, "answered 503 twice in a row", "stop_when: ")

    def test_a_check_that_nobody_answers_any_more_ends_the_drill(self):
        self.write_scenario(self.CHECK)
        process = self.begin()
        self.shop.stop()
        self.assert_ended(process, "could not be asked", "stop_when: ")

    def test_a_check_that_is_bad_already_refuses_and_nothing_is_touched_or_posted(self):
        self.write_scenario(self.CHECK)
        peers.http("PUT", self.shop.url + "/admin/health", "dead")
        before = self.chat.texts("ops")
        result, report = self.drill("bad-queue")
        self.assertEqual((result.code, report["verdict"]), (REFUSED, "refused"), result)
        self.assertIn("guard stop_when: ", report["text"])
        self.assertIn("answered 503", report["text"])
        self.assertEqual(self.queue(), "orders")
        self.assertEqual(self.chat.texts("ops"), before)


class RealAlert(StopCase):
    def say(self, text):
        answer = self.chat.call("chat.postMessage", channel=self.chat.channel_id("ops"), text=text)
        self.assertTrue(answer["ok"], answer)

    def test_an_alert_of_the_same_service_ends_the_drill(self):
        self.write_scenario('service = [ "checkout", "orders" ];\n')
        process = self.begin()
        self.say("lunch?")
        self.say("[FIRING:1] LatencyHigh (job=orders)")
        self.assert_ended(process, "a real alert of the same service came in #ops",
                          "[FIRING:1] LatencyHigh (job=orders)", self.chat.url)

    def test_a_lookalike_without_the_id_ends_the_drill(self):
        self.write_scenario()
        process = self.begin()
        self.say("[FIRING:1] OrdersQueueMissing (orders)")
        self.assert_ended(process, "without this drill's id", "the template drops the label")


class Prometheus(StopCase):
    def test_a_query_that_gives_a_series_ends_the_drill(self):
        if peers.lacks("prometheus") and not peers.SKIP_CI:
            self.skipTest(peers.lacks("prometheus"))
        prometheus = self.peer(peers.Prometheus({"shop": self.shop.url}))
        peers.until("a first scrape", lambda: prometheus.value("orders_up") == 1)
        self.write_scenario(f'stop_when = ( {{ prometheus = "{prometheus.url}/";'
                            ' query = "orders_up{job=\\"shop\\"} == 0"; every = "300ms"; },\n'
                            f' {{ prometheus = "{prometheus.url}"; query = "scalar(up) < bool 0";'
                            ' every = "300ms"; } );\n')
        process = self.begin()
        peers.http("PUT", self.shop.url + "/admin/health", "dead")
        self.assert_ended(process, "gave 1 series", "stop_when: the query")


if __name__ == "__main__":
    unittest.main(verbosity=2)
