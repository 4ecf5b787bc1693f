#!/usr/bin/env python3
"""The alert rules and the dashboard that are shipped: well formed, tested, and about metrics that exist."""
import glob
import os
import re
import subprocess
import unittest

import meter_world
import peers

UNITS = {"short", "s", "bytes", "percentunit"}


def promtool(*arguments):
    found = subprocess.run(["promtool", *arguments], cwd=meter_world.MONITORING, text=True,
                           capture_output=True, check=False)
    return found.returncode, found.stdout + found.stderr


class RulesTest(peers.Case):
    def test_the_rules_are_good(self):
        status, said = promtool("check", "rules", meter_world.RULES)
        self.assertEqual(status, 0, said)
        self.assertNotIn("duplicate", said)

    def test_each_rule_fires_when_it_should_and_not_before(self):
        tests = sorted(glob.glob(os.path.join(meter_world.MONITORING, "*.test.yml")))
        self.assertEqual(len(tests), 2)
        status, said = promtool("test", "rules", *tests)
        self.assertEqual(status, 0, said)

    def test_each_rule_is_tested_and_says_what_to_do(self):
        with open(meter_world.RULES, encoding="utf-8") as file:
            rules = re.split(r"^      - alert: ", file.read(), flags=re.MULTILINE)[1:]
        tests = ""
        for path in glob.glob(os.path.join(meter_world.MONITORING, "*.test.yml")):
            with open(path, encoding="utf-8") as file:
                tests += file.read()
        self.assertGreaterEqual(len(rules), 15)
        for rule in rules:
            name = rule.split("\n", 1)[0]
            for part in ("expr:", "severity:", "summary:", "description:", "runbook:"):
                self.assertIn(part, rule, name)
            self.assertRegex(tests, rf'alertname: {name}\b', name)
            self.assertRegex(tests, rf'"{name}"|alertname: {name}\n', name)

    def test_rules_ask_for_metrics_that_there_are(self):
        server = self.peer(meter_world.MeterServer())
        names = meter_world.names_in(server.metrics())
        with open(meter_world.RULES, encoding="utf-8") as file:
            text = file.read()
        asked = set()
        for expression in re.findall(r"expr: (.*?)\n        (?:for|labels):", text, re.DOTALL):
            asked |= meter_world.metrics_of(expression)
        self.assertGreater(len(asked), 10)
        self.assertLessEqual(asked, names)


class DashboardTest(unittest.TestCase):
    def setUp(self):
        self.dashboard = meter_world.dashboard()
        self.panels = self.dashboard["panels"]

    def test_its_panels_have_names_units_and_sources(self):
        self.assertEqual(self.dashboard["schemaVersion"], 39)
        self.assertEqual([v["name"] for v in self.dashboard["templating"]["list"]],
                         ["datasource", "environment"])
        ids = [panel["id"] for panel in self.panels]
        self.assertEqual(len(ids), len(set(ids)))
        for panel in self.panels:
            self.assertTrue(panel["title"])
            if panel["type"] == "row":
                continue
            self.assertTrue(panel["description"])
            self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS)
            self.assertEqual(panel["datasource"]["uid"], "${datasource}")
            references = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(references), len(set(references)))
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], panel["datasource"])

    def test_its_panels_lie_side_by_side(self):
        taken = {}
        for panel in self.panels:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken[x, y] = panel["title"]


if __name__ == "__main__":
    peers.need("promtool")
    unittest.main()
