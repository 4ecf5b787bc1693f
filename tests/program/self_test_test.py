"""`firedrill run --self-test` as a user runs it: right on an honest world, and able to fail on a lying
one. All runs are started at once: they mostly wait."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

FIREDRILL, FAKE_SERVICES = sys.argv.pop(1), sys.argv.pop(1)
WAYS = {
    "healthy": ("pass", "delivered", None, None),
    "line-lost": ("gap", "missing", "emission", "log"),
    "no-rule": ("gap", "missing", "log", "rule"),
    "not-sent": ("gap", "missing", "rule", "alertmanager"),
    "posts-nowhere": ("gap", "missing", "alertmanager", "receiver"),
    "chat-drops": ("gap", "missing", "receiver", "chat"),
    "wrong-channel": ("gap", "wrong-channel", "receiver", "chat"),
    "late": ("gap", "late", "alertmanager", "receiver"),
    "twice": ("gap", "duplicate", "receiver", "chat"),
    "not-resolved": ("gap", "unresolved", "alertmanager", "receiver"),
    "garbled": ("gap", "unreadable", "alertmanager", "chat"),
    "all-quiet": ("pass", "silent", None, None),
    "false-alarm": ("gap", "unexpected", None, None),
}
# A world in which two ways are not what their names say: CHANGE is done to the list of ways.
LIAR = """#!{python}
import json, signal, subprocess, sys
signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # meant for the world
world = subprocess.Popen([{program!r}, *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
ready = json.loads(world.stdout.readline())
ways = {{way["way"]: way for way in ready["ways"]}}
{change}
print(json.dumps(ready), flush=True)
world.wait()
"""
SWAP = """
for key in ("orders", "alerting", "channel"):
    a, b = ways["posts-nowhere"], ways["healthy"]
    a[key], b[key] = b[key], a[key]
"""
FORGET = 'ready["ways"] = [way for way in ready["ways"] if way["way"] != "late"]'


class Run:
    """One self-test with a folder for temporary files of its own."""

    def __init__(self, *words, world=None, start=True):
        self.folder = tempfile.TemporaryDirectory()
        self.words = [FIREDRILL, "run", "--self-test", *words]
        self.env = {**os.environ, "TMPDIR": self.folder.name, "FIREDRILL_CONFIG": "/nonexistent"}
        self.env.pop("FIREDRILL_FAKE_SERVICES", None)
        if world is not None:
            self.env["FIREDRILL_FAKE_SERVICES"] = world
        if start:
            self.start()

    def start(self):
        self.process = subprocess.Popen(
            self.words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=self.env)

    def finish(self):
        self.out, self.err = self.process.communicate(timeout=400)
        self.code = self.process.returncode
        return self

    def left(self):
        """What stays behind: files, and processes that were started for this folder."""
        found = os.listdir(self.folder.name)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    if self.folder.name.encode() in file.read():
                        found.append(f"process {pid}")
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if f"TMPDIR={self.folder.name}".encode() in file.read():
                        found.append(f"process {pid}")
            except OSError:
                continue
        return found


class SelfTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        scripts = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scripts.cleanup)

        def liar(name, change):
            path = os.path.join(scripts.name, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(LIAR.format(python=sys.executable, program=FAKE_SERVICES, change=change))
            os.chmod(path, 0o755)
            return path

        cls.table = Run()
        cls.json = Run("--json")
        cls.lied_to = Run(world=liar("liar", SWAP))
        cls.forgotten = Run(world=liar("forgetful", FORGET))
        cls.worldless = Run(world="/nonexistent/fake-services")
        cls.stopped = Run()
        for line in cls.stopped.process.stdout:
            if "expected" in line:  # the drills are about to begin
                break
        cls.stopped.process.send_signal(signal.SIGINT)
        for run in (cls.table, cls.json, cls.lied_to, cls.forgotten, cls.worldless, cls.stopped):
            run.finish()
            cls.addClassCleanup(run.folder.cleanup)

    def test_on_an_honest_world_it_exits_0_with_a_row_for_each_way(self):
        rows = [line.split() for line in self.table.out.splitlines() if line.startswith("ok ")]
        self.assertEqual(self.table.code, 0, self.table.out + self.table.err)
        self.assertEqual({row[1] for row in rows}, set(WAYS))
        self.assertEqual({tuple(row[-2:]) for row in rows}, {("the", "same")})
        self.assertNotIn("WRONG", self.table.out)
        self.assertIn("All 13 as expected", self.table.out)

    def test_its_table_fits_into_80_columns(self):
        self.assertLessEqual(max(map(len, self.table.out.splitlines())), 80, self.table.out)

    def test_with_json_each_way_is_a_line_that_says_what_was_expected_and_found(self):
        lines = [json.loads(line) for line in self.json.out.splitlines()]
        self.assertEqual(self.json.code, 0, self.json.err)
        for side in ("expected", "found"):
            told = {line["way"]: tuple(line[side][key] for key in
                                       ("verdict", "finding", "after", "before")) for line in lines}
            self.assertEqual(told, WAYS, side)
        self.assertEqual({line["ok"] for line in lines}, {True})
        self.assertEqual(len({line["drill"] for line in lines}), len(WAYS))

    def test_the_evidence_of_a_loss_names_what_lost_it(self):
        evidence = {line["way"]: line.get("evidence", "")
                    for line in map(json.loads, self.json.out.splitlines())}
        self.assertIn("no log line matches", evidence["line-lost"])
        self.assertIn('"OrdersQueueMissing" is not loaded', evidence["no-rule"])
        self.assertIn("1 failed", evidence["not-sent"])
        self.assertIn("posts nowhere", evidence["posts-nowhere"])
        self.assertIn("every station that was asked had it", evidence["chat-drops"])
        self.assertIn("#elsewhere", evidence["wrong-channel"])

    def test_a_world_that_does_not_lose_where_it_says_makes_it_exit_1(self):
        wrong = [line.split() for line in self.lied_to.out.splitlines() if line.startswith("WRONG")]
        right = [line for line in self.lied_to.out.splitlines() if line.startswith("ok ")]
        self.assertEqual(self.lied_to.code, 1, self.lied_to.out + self.lied_to.err)
        self.assertEqual(sorted(row[1:] for row in wrong), [
            ["healthy", "delivered", "missing", "alertmanager>receiver"],
            ["posts-nowhere", "missing", "alertmanager>receiver", "delivered"]])
        self.assertEqual(len(right), len(WAYS) - 2)
        self.assertIn("2 of 13 were not as expected", self.lied_to.out)
        self.assertIn("report a bug", self.lied_to.out)

    def test_a_world_without_one_of_the_ways_proves_nothing(self):
        self.assertNotEqual(self.forgotten.code, 0)
        self.assertIn("late", self.forgotten.err)
        self.assertNotIn("as expected", self.forgotten.out)

    def test_a_world_that_does_not_start_is_told_with_its_name(self):
        self.assertEqual(self.worldless.code, 2)
        self.assertIn("/nonexistent/fake-services", self.worldless.err)

    def test_stopped_by_hand_it_exits_6_and_says_that_nothing_is_proven(self):
        self.assertEqual(self.stopped.code, 6, self.stopped.err)
        self.assertIn("nothing is proven", self.stopped.out)

    def test_nothing_is_left_behind_in_any_case(self):
        for run in (self.table, self.json, self.lied_to, self.forgotten, self.stopped):
            self.assertEqual(run.left(), [], run.words)

    def test_help_and_completion_know_it(self):
        for words in (["run", "--help"], ["completion-words", "run"]):
            told = subprocess.run([FIREDRILL, *words], capture_output=True, text=True, check=True)
            self.assertIn("--self-test", told.stdout, words)

    def test_it_goes_with_no_scenario_environment_or_configuration(self):
        for words in (["bad-queue"], ["--env", "staging"], ["--all"], ["--config", "x.cfg"],
                      ["--allow-protected"]):
            run = Run(*words).finish()
            self.assertEqual((run.code, run.out), (2, ""), words)
            self.assertIn("--self-test", run.err)
            run.folder.cleanup()


if __name__ == "__main__":
    unittest.main()
