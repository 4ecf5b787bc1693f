"""`firedrill plan`: every call of every shipped scenario, in order, and nothing touched."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARY = sys.argv.pop(2)
FIREDRILL = sys.argv.pop(1)


class Plan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        shutil.copytree(LIBRARY, cls.folder.name, dirs_exist_ok=True)
        cls.files = sorted(os.listdir(cls.folder.name))

    def plan(self, *arguments):
        return subprocess.run(
            [FIREDRILL, "plan", *arguments, "--config", f"{self.folder.name}/firedrill.cfg"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
            env={"PATH": os.environ["PATH"]})

    def test_a_drill_s_steps_stand_in_the_order_in_which_they_would_be_made(self):
        run = self.plan("bad-queue", "--env", "staging")
        steps = [line.split()[0] for line in run.stdout.splitlines() if line.startswith("  ")]
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(steps, ["announce", "announce", "capture", "inject", "witness", "revert",
                                 "revert", "confirm", "watch", "watch", "effect", "ends"])

    def test_every_shipped_scenario_can_be_planned_without_any_secret_at_hand(self):
        run = self.plan("--all", "--env", "staging")
        self.assertEqual(run.returncode, 0, run.stderr)
        planned = [line.split(" in ")[0] for line in run.stdout.splitlines() if " (such as fd-" in line]
        self.assertGreaterEqual(len(planned), 6)

    def test_it_says_what_would_end_the_fault_by_itself(self):
        self.assertIn("ends      not by itself", self.plan("bad-queue", "--env", "staging").stdout)
        self.assertIn("ends      by itself", self.plan("dead-health", "--env", "staging").stdout)

    def test_nothing_is_written(self):
        self.plan("--all", "--env", "staging")
        self.assertEqual(sorted(os.listdir(self.folder.name)), self.files)

    def test_the_first_control_drill_looks_for_what_can_come_when_nothing_is_broken(self):
        with tempfile.TemporaryDirectory() as folder:
            for verb in (["init"], ["check"], ["plan", "control", "--env", "staging"]):
                run = subprocess.run([FIREDRILL, *verb], cwd=folder, stdin=subprocess.DEVNULL,
                                     capture_output=True, text=True, timeout=30,
                                     env={"PATH": os.environ["PATH"]})
                self.assertEqual(run.returncode, 0, run.stderr)
        watched = [line for line in run.stdout.splitlines() if line.startswith("  watch")]
        self.assertEqual(len(watched), 1, run.stdout)
        self.assertNotIn("fd-", watched[0])
        self.assertIn("FIRING must never come", watched[0])

    def test_an_unknown_scenario_is_told_with_those_there_are(self):
        run = self.plan("nonsense", "--env", "staging")
        self.assertEqual(run.returncode, 2)
        self.assertIn("bad-queue", run.stderr)


if __name__ == "__main__":
    unittest.main()
