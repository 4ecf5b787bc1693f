#!/usr/bin/env python3
"""A state file that cannot be written: nothing is broken.  One that becomes full on the way: what was
broken is put right all the same."""
import os
import resource
import signal
import subprocess
import unittest

import crash_case
import crash_world
import drills
import peers

PASS, USAGE, FAULT_LEFT, REFUSED = 0, 2, 3, 4
STEP = 4096  # bytes; a page of the state file

# In a mount namespace of its own, which ends with the last process in it: mount_namespaces(7).
FULL_BEFORE = "mount -t tmpfs -o size=64k tmpfs state; cat /dev/zero >state/filler 2>/dev/null; "
FULL_AFTER = ('mount -t tmpfs -o size=4m tmpfs state; "$@" >first.out 2>first.err || exit 70; '
              "cat /dev/zero >state/filler 2>/dev/null; ")
READ_ONLY = ('mount -t tmpfs -o size=4m tmpfs state; "$@" >first.out 2>first.err || exit 70; '
             "mount -o remount,ro state || exit 71; ")


def can_mount():
    """Whether file systems of our own can be made here: for root only."""
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                           stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return tried.returncode == 0


class BadDiskTest(drills.DrillCase):
    def setUp(self):
        super().setUp()
        self.environment["SLACK_TOKEN"] = crash_world.TOKEN
        self.world = crash_world.World(self.folder, self.environment)
        self.addCleanup(self.world.stop)
        self.environment["CRASH_CASE"] = self.folder
        self.addCleanup(self.end_guardians)
        self.world.behave()
        os.mkdir(os.path.join(self.folder, "state"))
        self.write("firedrill.cfg", f"""
state = "state/firedrill.db";
scenarios = "scenarios";
chats = {{ slack = {{ type = "slack"; token = "env:SLACK_TOKEN"; url = "{self.world.chat}/api";
                     poll = "50ms"; requests_per_minute = 6000; }}; }};
environments = {{ staging = {{ variables = {{ api = "{self.world.api}"; }}; }}; }};
""")
        self.scenario("bad-queue", drills.BAD_QUEUE, drills.expect(
            "#ops-staging", ["OrdersQueueMissing", "${drill}"], within="20s", grace="0s"))
        self.command = [peers.FIREDRILL, "run", "bad-queue", "--env", "staging"]

    def end_guardians(self):
        """One that cannot write its ledger tries for ever."""
        for pid in crash_case.marked({"CRASH_CASE=" + self.folder}):
            crash_case.kill(pid, signal.SIGKILL)

    def run_in(self, argv, **more):
        done = subprocess.run(argv, cwd=self.folder, env=self.environment, timeout=drills.PATIENCE_S,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, **more)
        return drills.Result(done.returncode, done.stdout, done.stderr)

    def on_a_disk(self, script):
        if not can_mount():
            self.skipTest("no file system can be mounted here")
        return self.run_in(["unshare", "-m", "sh", "-c", script + 'exec "$@"', "sh",
                            *self.command])

    def assert_untouched(self, result, codes, *words):
        self.assertIn(result.code, codes, result)
        for word in words:
            self.assertIn(word, result.out + result.err)
        self.assertEqual(self.world.queue(), "orders")

    def test_on_a_full_disk_no_state_file_can_be_made_and_nothing_is_touched(self):
        result = self.on_a_disk(FULL_BEFORE)
        self.assert_untouched(result, {USAGE}, "state/firedrill.db", "full")
        self.assertEqual(self.world.asked(), 1)  # by us, just now

    def test_on_a_disk_that_is_full_by_now_nothing_is_touched(self):
        result = self.on_a_disk(FULL_AFTER)
        self.assert_untouched(result, {USAGE, REFUSED}, "No space left")
        self.assertNotIn("inject ", result.out)

    def test_with_a_read_only_state_file_nothing_is_touched(self):
        result = self.on_a_disk(READ_ONLY)
        self.assert_untouched(result, {USAGE, REFUSED}, "state/firedrill.db")
        self.assertNotIn("inject ", result.out)

    def test_without_the_right_to_write_nothing_is_touched(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everything")
        self.assertEqual(self.run_in(self.command).code, PASS)
        before = self.world.asked()
        for name in os.listdir(os.path.join(self.folder, "state")):
            os.chmod(os.path.join(self.folder, "state", name), 0o444)
        os.chmod(os.path.join(self.folder, "state"), 0o555)
        self.addCleanup(os.chmod, os.path.join(self.folder, "state"), 0o755)
        result = self.run_in(self.command)
        self.assert_untouched(result, {USAGE, REFUSED}, "state/firedrill.db")
        self.assertEqual(self.world.asked(), before + 1)

    def test_whenever_the_disk_becomes_full_nothing_stays_broken(self):
        """The n-th page cannot be written, for every n until all of them can."""
        codes = []
        for size in range(0, 100 * STEP, STEP):
            limit = (size, size)
            for name in os.listdir(os.path.join(self.folder, "state")):
                os.unlink(os.path.join(self.folder, "state", name))
            result = self.run_in(self.command, preexec_fn=lambda limit=limit: resource.setrlimit(
                resource.RLIMIT_FSIZE, limit))
            self.assertEqual(self.world.queue(), "orders", f"limit {size}\n{result}")
            self.assertIn(result.code, {PASS, USAGE, FAULT_LEFT, REFUSED}, result)
            codes.append(result.code)
            self.end_guardians()
            if result.code == PASS:
                break
        self.assertEqual(codes[0], USAGE)
        self.assertEqual(codes[-1], PASS)
        self.assertGreater(len(codes), 5)


if __name__ == "__main__":
    peers.need()
    unittest.main(verbosity=2)
