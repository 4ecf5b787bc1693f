#!/usr/bin/env python3
"""What /metrics says, as others read it: promtool, a real Prometheus, the official Python client; and that
every query of the dashboard finds something."""
import json
import subprocess
import unittest
import urllib.parse

import meter_world
import peers

# Reads OpenMetrics from its input; prints {sample: value} of what is ours, and what has exemplars.
READER = """
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
samples, exemplars = {}, 0
for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family.name
    for sample in family.samples:
        key = sample.name + json.dumps(sample.labels, sort_keys=True)
        assert key not in samples, key
        samples[key] = sample.value
        exemplars += sample.exemplar is not None
print(json.dumps([samples, exemplars]))
"""


class MetricsTest(peers.Case):
    def serve(self, events=meter_world.EVENTS):
        server = self.peer(meter_world.MeterServer())
        server.tell(events)
        return server

    def scrape(self, server):
        """A Prometheus that takes OpenMetrics from one job and the text format from the other."""
        prometheus = peers.Prometheus({"firedrill": server.url, "text": server.url},
                                      paths={"text": "/text"})
        prometheus.rules = lambda: meter_world.RULES
        self.peer(prometheus)
        for job in ("firedrill", "text"):
            peers.until(f"the job {job} is up twice",
                        lambda: (prometheus.value(f'count_over_time(up{{job="{job}"}}[1m])') or 0) >= 2)
            peers.until(f"the job {job} is up", lambda: prometheus.value(f'up{{job="{job}"}}') == 1)
        return prometheus

    def ask(self, prometheus, query):
        asked = urllib.parse.urlencode({"query": query})
        answer = peers.http("GET", f"{prometheus.url}/api/v1/query?{asked}").json()
        self.assertEqual(answer["status"], "success", (query, answer))
        return answer["data"]["result"]

    def of_both(self, prometheus, query):
        """What is found when each of the two jobs has it."""
        found = self.ask(prometheus, query)
        return found if {s["metric"]["job"] for s in found} == {"firedrill", "text"} else None

    # promtool.

    def test_promtool_finds_nothing_to_say(self):
        for events in ("", meter_world.EVENTS):
            text = self.serve(events).metrics()
            found = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                                   capture_output=True, check=False)
            self.assertEqual((found.returncode, found.stdout + found.stderr), (0, ""))

    # The official client.

    def test_the_official_client_reads_OpenMetrics(self):
        python = meter_world.python_with("prometheus_client.openmetrics.parser")
        if python is None:
            self.assertFalse(peers.SKIP_CI, "python3-prometheus-client is not installed")
            self.skipTest("python3-prometheus-client is not installed")
        for events in ("", meter_world.EVENTS):
            text = self.serve(events).metrics(meter_world.OPEN_METRICS)
            read = subprocess.run([python, "-c", READER], input=text, text=True,
                                  capture_output=True, check=False)
            self.assertEqual(read.returncode, 0, read.stderr)
            samples, exemplars = json.loads(read.stdout)
            self.assertEqual(samples["firedrill_halted{}"], 0)
        self.assertEqual(samples['firedrill_open_gaps{"environment": "production"}'], 1)
        self.assertEqual(exemplars, 4)

    # Prometheus.

    def test_Prometheus_reads_both_formats_alike(self):
        server = self.serve()
        prometheus = self.scrape(server)
        counts = self.ask(prometheus, "scrape_samples_scraped")
        self.assertEqual(len({series["value"][1] for series in counts}), 1)
        for query, expected in (
                ('firedrill_last_verdict{scenario="orders",environment="production",verdict="gap"}', 1),
                ('firedrill_drills_total{scenario="orders",origin="schedule",verdict="pass"} > 0', 1),
                ('firedrill_missed_starts_total{scenario="worker"}', 3),
                ('firedrill_delivery_latency_seconds_bucket{le="5.0"}', 1),
                ('firedrill_delivery_latency_seconds_bucket{le="+Inf"}', 2),
                ('firedrill_delivery_latency_seconds_sum', 65.7),
                ('firedrill_reports_total{path="chat",result="failed"}', 1),
                ('firedrill_chat_read_errors_total{chat="slack"}', 20),
                ('firedrill_faults_in_place{environment="production",state="stuck"}', 1),
                ('firedrill_build_info{version!=""}', 1)):
            # One that was slow to answer is not there until it is asked again.
            found = peers.until(f"both jobs have {query}", lambda: self.of_both(prometheus, query))
            self.assertEqual([float(series["value"][1]) for series in found], [expected] * 2, query)

    def test_every_query_of_the_dashboard_finds_something_and_the_rules_are_taken(self):
        server = self.serve()
        prometheus = self.scrape(server)
        names = meter_world.names_in(server.metrics())
        queries = [target["expr"] for panel in meter_world.dashboard()["panels"]
                   for target in panel.get("targets", [])]
        self.assertGreater(len(queries), 20)
        for query in queries:
            self.assertLessEqual(meter_world.metrics_of(query), names, query)
            for variable, value in (("$environment", ".*"), ("$__rate_interval", "30s"),
                                    ("$__range", "1m")):
                query = query.replace(variable, value)
            self.assertNotIn("$", query)
            peers.until(f"{query} finds something", lambda: self.ask(prometheus, query))
        rules = peers.http("GET", prometheus.url + "/api/v1/rules").json()["data"]["groups"]
        self.assertEqual([rule["lastError"] for group in rules for rule in group["rules"]
                          if rule.get("lastError")], [])
        peers.until("the fault that is stuck fires",
                    lambda: ("FiredrillFaultStuck", "firing") in prometheus.alerts())


if __name__ == "__main__":
    peers.need("prometheus")
    unittest.main()
