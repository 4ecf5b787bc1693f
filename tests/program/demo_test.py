"""The demo as a user runs it: six drills, six JSON lines, nothing left behind."""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

FIREDRILL = sys.argv.pop(1)
EXPECTED = {
    ("bad-queue", "staging"): ("pass", "delivered"),
    ("missing-env", "staging"): ("pass", "delivered"),
    ("dead-health", "staging"): ("pass", "delivered"),
    ("bad-queue", "production"): ("gap", "missing"),
    ("missing-env", "production"): ("pass", "delivered"),
    ("dead-health", "production"): ("gap", "wrong-channel"),
}


class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.run_ = subprocess.run(
            [FIREDRILL, "demo", "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=400, env={**os.environ, "TMPDIR": cls.folder.name})
        cls.drills = [json.loads(line) for line in cls.run_.stdout.splitlines()]

    def test_it_exits_0_because_all_came_out_as_the_story_has_it(self):
        self.assertEqual(self.run_.returncode, 0, self.run_.stderr)

    def test_there_are_six_json_lines_with_the_verdicts_of_the_story(self):
        found = {(d["scenario"], d["environment"]): (d["verdict"], d["expectations"][0]["verdict"])
                 for d in self.drills}
        self.assertEqual(len(self.drills), 6)
        self.assertEqual(found, EXPECTED)

    def test_every_fault_is_confirmed_reverted(self):
        self.assertEqual({d["fault"]["state"] for d in self.drills}, {"clean"})

    def test_the_gaps_say_between_which_stations(self):
        gaps = {d["scenario"]: d["gap"] for d in self.drills if d["environment"] == "production"}
        found = {name: gap and (gap["after"], gap["before"]) for name, gap in gaps.items()}
        self.assertEqual(found, {"bad-queue": ("alertmanager", "receiver"),
                                 "dead-health": ("receiver", "chat"), "missing-env": None})
        self.assertIn("#general", gaps["dead-health"]["evidence"])

    def test_the_gap_of_the_story_names_the_receiver_that_posts_nowhere(self):
        drill = next(d for d in self.drills if d["gap"] and d["scenario"] == "bad-queue")
        gap = drill["gap"]
        self.assertRegex(gap["evidence"], r'"OrdersQueueMissing" .*"orders-team".* posts nowhere')
        self.assertEqual(gap["cause"], "the receiver has no integration")
        self.assertIn("slack_configs", gap["advice"])

    def test_every_station_on_the_way_was_asked(self):
        drill = next(d for d in self.drills if d["gap"] and d["scenario"] == "bad-queue")
        states = {hop["hop"]: hop["state"] for hop in drill["hops"]}
        self.assertEqual(states, {
            "emission": "had-it", "log": "had-it", "metric": "had-it", "rule": "had-it",
            "alertmanager": "had-it", "receiver": "lacked-it", "chat": "lacked-it"})
        since = [hop["at_ms"] for hop in drill["hops"] if hop["at_ms"] is not None]
        for earlier, later in zip(since, since[1:]):  # each after the one before, as clocks go
            self.assertLessEqual(earlier, later + 50, since)

    def test_resolved_was_seen_where_the_alert_was(self):
        for drill in self.drills:
            first = drill["expectations"][0]
            if first["verdict"] == "delivered":
                self.assertEqual(first["resolved"]["verdict"], "delivered", drill)

    def test_every_report_reached_the_chat(self):
        self.assertEqual([d.get("report_problem") for d in self.drills], [None] * 6)

    def test_its_guardian_ends_with_it(self):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
                self.assertNotIn(self.folder.name.encode(), file.read())

    def test_nothing_is_left_in_the_temporary_folder(self):
        self.assertEqual(os.listdir(self.folder.name), [])


if __name__ == "__main__":
    unittest.main()
