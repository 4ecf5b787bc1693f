#!/usr/bin/env python3
"""`firedrill coverage` with real Prometheus and Alertmanager: what a drill proved is proven, what none
did is not, what has no series cannot fire."""
import json
import os
import sqlite3
import unittest

import drills
import peers

PASS, GAP, USAGE, INCONCLUSIVE = 0, 1, 2, 5


class Routed(peers.Alertmanager):
    """Several receivers: `team` gets every page, `null` posts nowhere, to `former` no route leads."""

    def start(self):
        port = peers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        slack = [{"send_resolved": True, "text": self.text, **each} for each in self.slack]
        config = {
            "route": {"receiver": "rest", "group_by": ["..."], "group_wait": "0s",
                      "group_interval": "1s", "repeat_interval": "1h",
                      "routes": [{"receiver": "null", "matchers": ["severity=\"none\""]},
                                 {"receiver": "team", "matchers": ["severity=\"page\""]}]},
            "receivers": [{"name": "team", "slack_configs": slack}, {"name": "null"},
                          {"name": "rest", "slack_configs": slack},
                          {"name": "former", "slack_configs": slack}],
        }
        path = self.write("alertmanager.yml", json.dumps(config))
        self.run(["prometheus-alertmanager", f"--config.file={path}",
                  f"--storage.path={self.folder}/data", "--cluster.listen-address=",
                  f"--web.listen-address=127.0.0.1:{port}"])
        self.wait_ready(lambda: peers.answers(self.url + "/-/ready"))
        return self


class CoverageTest(drills.DrillCase):
    def chain(self, channel="ops", within="30s"):
        self.chat = self.peer(peers.FakeChat())
        self.orders = self.peer(peers.FakeService("orders"))
        self.alertmanager = self.peer(Routed(peers.slack_by_webhook(self.chat, channel)))
        self.prometheus = self.peer(peers.Prometheus({"orders": self.orders.url},
                                                     self.alertmanager.url))
        peers.until("a first scrape", lambda: self.prometheus.value("orders_up") == 1)
        hops = drills.hops((("prometheus", self.prometheus.url),
                            ("alertmanager", self.alertmanager.url)), timeout="20s")
        self.configure({"slack": self.chat.url + "/api"}, {"api": self.orders.url},
                       drills.pipeline(*hops) + '\nreport = { channel = "#drills"; };',
                       staging=drills.IN_MAIN, besides="nowhere = { };")
        self.scenario("bad-queue", drills.BAD_QUEUE,
                      drills.expect("#ops", ["OrdersQueueMissing", "${drill}"], within=within,
                                    grace="2s"))

    def coverage(self, *arguments):
        result = self.firedrill("coverage", "--json", *arguments)
        self.assertEqual(len(result.out.splitlines()), 1, result)
        told = json.loads(result.out)
        self.assertEqual(told["exit_code"], result.code, result)
        places = {place["environment"]: place for place in told["environments"]}
        return result, places["staging"]

    def states(self, place, kind):
        return {item["name"]: item["state"] for item in place["items"] if item["kind"] == kind}

    def history(self, query):
        """The rows of a query; the file is the one beside the state file."""
        with sqlite3.connect(os.path.join(self.folder, "firedrill.db-history")) as database:
            return database.execute(query).fetchall()

    def test_a_drilled_rule_is_proven_an_undrilled_one_is_not_and_a_dead_one_cannot_fire(self):
        self.chain()
        result, place = self.coverage()
        self.assertEqual(result.code, PASS, result)
        self.assertEqual(place["rules"]["total"], 4, result)
        self.assertEqual((place["rules"]["proven"], place["receivers"]["proven"]), (0, 0), result)
        self.assertEqual(self.states(place, "receiver"),
                         {"team": "never", "rest": "never", "null": "cannot"}, result)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "firedrill.db-history")))

        drilled, report = self.drill("bad-queue")
        self.assertEqual(report["verdict"], "pass", drilled)
        self.assertEqual(drilled.err.count("history"), 0, drilled)
        result, place = self.coverage("--env", "staging")
        self.assertEqual(result.code, PASS, result)
        self.assertEqual(self.states(place, "rule"),
                         {"OrdersQueueMissing": "proven", "OrdersHealthDown": "never",
                          "CanaryDown": "cannot", "MessagesUnroutable": "cannot"}, result)
        self.assertEqual(self.states(place, "receiver"),
                         {"team": "proven", "rest": "never", "null": "cannot"}, result)
        latency = report["expectations"][0]["latency_ms"]
        for item in place["items"]:
            if item["state"] == "proven":
                self.assertEqual((item["proofs"], item["p50_ms"], item["p99_ms"], item["drill"]),
                                 (1, latency, latency, report["drill"]), result)
        self.assertEqual((place["rules"]["percent"], place["receivers"]["total"],
                          place["receivers"]["percent"]), (25, 2, 50), result)
        self.assertEqual(self.history("SELECT drill, scenario, environment, kind, via, verdict, "
                                      "exit_code FROM drill"),
                         [(report["drill"], "bad-queue", "staging", "bad-queue-name", "http", "pass",
                           0)])
        [(line,)] = self.history("SELECT json FROM report")
        self.assertEqual(json.loads(line)["drill"], report["drill"])
        self.assertNotIn(self.chat.token, line)
        self.look_and_post(report)
        self.ask_in_vain()

    def look_and_post(self, report):
        shown = self.firedrill("coverage", "--post", "--require", "26")
        self.assertEqual(shown.code, GAP, shown)
        self.assertIn("1 of 4 rules proven in staging in the last 90 days (25 %), 2 cannot fire",
                      shown.out)
        self.assertIn("1 of 2 receivers proven in staging", shown.out)
        self.assertIn("nowhere\n", shown.out)  # an environment without a pipeline
        posted = [text for text in self.chat.texts("drills") if "Alert coverage" in text]
        self.assertEqual(len(posted), 1, self.chat.texts("drills"))
        self.assertIn("1 of 4 rules proven (25 %)", posted[0])
        self.assertIn("Never proven: OrdersHealthDown", posted[0])
        self.assertIn("Cannot fire: ", posted[0])
        enough = self.firedrill("coverage", "--require", "25")
        self.assertEqual(enough.code, PASS, enough)
        self.assertIn(report["expectations"][0]["alert"], enough.out)

    def ask_in_vain(self):
        """The stations are gone: what is known is shown, and that the rest is not."""
        self.prometheus.stop()
        result, place = self.coverage()
        self.assertEqual(result.code, INCONCLUSIVE, result)
        self.assertEqual([each["hop"] for each in place["not_asked"]], ["prometheus"], result)
        self.assertEqual(self.states(place, "rule"), {"OrdersQueueMissing": "proven"}, result)
        self.assertEqual((place["rules"]["total"], place["rules"]["percent"]), (None, None), result)
        self.assertEqual(place["receivers"]["percent"], 50, result)
        shown = self.firedrill("coverage")
        self.assertEqual(shown.code, INCONCLUSIVE, shown)
        self.assertIn("prometheus: not asked: ", shown.out)
        self.assertIn("how many there are is not known", shown.out.replace("\n", " "))

    def test_after_a_gap_nothing_is_proven_and_the_history_still_has_the_drill(self):
        self.chain(channel="general", within="8s")
        drilled, report = self.drill("bad-queue")
        self.assertEqual((drilled.code, report["verdict"]), (GAP, "gap"), drilled)
        result, place = self.coverage()
        self.assertEqual((place["rules"]["proven"], place["receivers"]["proven"]), (0, 0), result)
        self.assertEqual(self.history("SELECT verdict, exit_code FROM drill"), [("gap", GAP)])
        [(finding,)] = self.history("SELECT finding FROM expectation")
        self.assertIn(finding, ("missing", "wrong-channel"))

    def test_a_history_that_cannot_be_written_or_read_is_told_and_changes_no_verdict(self):
        self.chain()
        self.write("firedrill.db-history", "this is no database, and long enough to look like one")
        drilled, report = self.drill("bad-queue")
        self.assertEqual((drilled.code, report["verdict"]), (PASS, "pass"), drilled)
        self.assertIn("1 drill is not in the history: ", drilled.err)
        result = self.firedrill("coverage")
        self.assertEqual((result.code, result.out), (INCONCLUSIVE, ""), result)
        self.assertIn("what was proven is not known", result.err)

    def test_what_was_typed_wrong_is_said(self):
        self.configure({"slack": "http://127.0.0.1:1/api"})
        self.scenario("bad-queue", drills.BAD_QUEUE.replace("${api}", "http://127.0.0.1:1"),
                      drills.expect("#ops", ["X", "${drill}"]))
        for arguments, words in ((["--env", "moon"], "there is no environment \"moon\""),
                                 (["--since", "often"], "--since: \"often\" is not a length of time"),
                                 (["--since", "0s"], "--since"),
                                 (["--require", "101"], "from 1 to 100"),
                                 (["--require", "x"], "from 1 to 100"),
                                 ([], "no environment names a pipeline")):
            result = self.firedrill("coverage", *arguments)
            self.assertEqual((result.code, result.out), (USAGE, ""), result)
            self.assertIn(words, result.err)


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager")
    unittest.main(verbosity=2)
