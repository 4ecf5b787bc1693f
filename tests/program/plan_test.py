"""`firedrill plan`: every call of every shipped scenario, in order, and nothing touched."""
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

LIBRARY = sys.argv.pop(2)
FIREDRILL = sys.argv.pop(1)


def uncommented(text):
    return re.sub(r"^# ?", "", text, flags=re.M)


def read_all(terminal):
    """All that is written to a pseudo-terminal, until its other side is closed."""
    read = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:
            part = b""
        if not part:
            return read.decode()
        read += part


class Plan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        shutil.copytree(LIBRARY, cls.folder.name, dirs_exist_ok=True)
        cls.files = sorted(os.listdir(cls.folder.name))

    def firedrill(self, *arguments, folder=None):
        return subprocess.run([FIREDRILL, *arguments], cwd=folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120,
                              env={"PATH": os.environ["PATH"]})

    def plan(self, *arguments):
        return self.firedrill("plan", *arguments, "--config", f"{self.folder.name}/firedrill.cfg")

    def guards(self, text):
        """{guard: (answer, text)} of one drill's plan."""
        lines = re.findall(r"^  guard +(passes|refuses|later) +(\w+): (.*)$", text, re.M)
        return {name: (answer, rest) for answer, name, rest in lines}

    def with_config(self, old, new, *arguments):
        """The plan of bad-queue with a change in the configuration."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(LIBRARY, folder, dirs_exist_ok=True)
            path = f"{folder}/firedrill.cfg"
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertIn(old, text)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(old, new, 1))
            run = self.firedrill("plan", "bad-queue", "--config", path, *arguments)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_a_drill_s_steps_stand_in_the_order_in_which_they_would_be_made(self):
        run = self.plan("bad-queue", "--env", "staging")
        steps = [line.split()[0] for line in run.stdout.splitlines() if line.startswith("  ")]
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([step for i, step in enumerate(steps) if i == 0 or steps[i - 1] != step],
                         ["guard", "baseline", "announce", "record", "capture", "inject", "witness",
                          "watch", "revert", "confirm", "recovery", "explain", "report", "effect",
                          "ends"])

    def test_every_drill_that_leaves_something_has_a_revert_and_a_confirm(self):
        for drill in self.plan("--all", "--env", "staging").stdout.split("\n\n"):
            if drill and "  effect    emission" not in drill:
                self.assertRegex(drill, r"(?s)  inject .*  revert .*  confirm ")
                self.assertIn("the guardian is told", drill)

    def test_every_shipped_scenario_can_be_planned_without_any_secret_at_hand(self):
        run = self.plan("--all", "--env", "staging")
        self.assertEqual(run.returncode, 0, run.stderr)
        planned = [line.split(" in ")[0] for line in run.stdout.splitlines() if " (such as fd-" in line]
        self.assertGreaterEqual(len(planned), 6)

    def test_check_has_nothing_to_say_about_what_is_shipped(self):
        run = self.firedrill("check", "--config", f"{self.folder.name}/firedrill.cfg")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stdout.count("\n"), 1, run.stdout)

    def test_it_says_what_would_end_the_fault_by_itself(self):
        self.assertIn("ends      not by itself", self.plan("bad-queue", "--env", "staging").stdout)
        self.assertIn("ends      by itself", self.plan("dead-health", "--env", "staging").stdout)

    def test_it_says_what_ends_the_watch(self):
        watch = [line for line in self.plan("bad-queue", "--env", "staging").stdout.splitlines()
                 if line.startswith("  watch")]
        self.assertIn("ends at once when GET https://orders.staging.example/health is not answered "
                      "with 2xx, or not at all, 2 times in a row; every 5.0 s", watch[2])
        self.assertIn('ends at once when an alert with "orders" comes that is not this drill\'s own',
                      watch[3])
        self.assertIn("`firedrill halt`, at the latest 5 min after the fault", watch[-1])

    def test_every_guard_is_told_and_what_can_be_told_now_is(self):
        guards = self.guards(self.plan("bad-queue", "--env", "staging").stdout)
        self.assertEqual(list(guards), ["effect", "halt", "freeze", "protected", "effect_limit",
                                        "targets", "hours", "spacing", "drills_per_day", "leftover",
                                        "lock", "timing"])
        self.assertEqual([name for name, (answer, _) in guards.items() if answer == "later"],
                         ["halt", "spacing", "leftover", "lock", "timing"])
        self.assertNotIn("refuses", [answer for answer, _ in guards.values()])
        self.assertIn('this changes "', guards["targets"][1])

    def test_a_guard_that_would_refuse_says_how_to_satisfy_it(self):
        guards = self.guards(self.plan("bad-queue", "--env", "production").stdout)
        self.assertEqual(guards["protected"][0], "refuses")
        self.assertIn("run again with --allow-protected", guards["protected"][1])
        self.assertEqual(guards["spacing"], ("later", "30 min after the end of the fault before"))
        self.assertIn("at most 6 from midnight to midnight in Europe/Berlin",
                      guards["drills_per_day"][1])
        guards = self.guards(self.plan("bad-queue", "--env", "production", "--allow-protected").stdout)
        self.assertEqual(guards["protected"][0], "passes")

    def test_hours_are_asked_in_their_zone(self):
        old = 'hours = [ "Mon-Thu 09:00-17:00", "Fri 09:00-12:00" ];'
        text = self.with_config(old, 'hours = [ "daily 00:00-24:00" ];', "--env", "production")
        answer, rule = self.guards(text)["hours"]
        self.assertEqual(answer, "passes")
        self.assertRegex(rule, r"^daily 00:00-24:00 in Europe/Berlin, where it is \w{3} \d{4}-\d\d-\d\d "
                               r"\d\d:\d\d; held for at most 5 min$")
        text = self.with_config(old, 'hours = [ "Mon 00:00-00:01" ];', "--env", "production")
        answer, rule = self.guards(text)["hours"]
        self.assertEqual(answer, "refuses")
        self.assertIn(" in Europe/Berlin", rule)

    def test_a_target_that_is_not_on_the_list_would_be_refused(self):
        text = self.with_config("protected = true;", 'protected = true; targets = [ "*pay*" ];',
                                "--env", "production")
        answer, rule = self.guards(text)["targets"]
        self.assertEqual(answer, "refuses")
        self.assertIn("https://orders.example/admin/queue", rule)
        text = self.with_config("protected = true;",
                                'protected = true; targets = [ "*//orders.example/*" ];',
                                "--env", "production")
        self.assertEqual(self.guards(text)["targets"][0], "passes")

    def test_a_freeze_file_would_refuse_it_with_its_reason(self):
        with tempfile.NamedTemporaryFile("w", suffix=".freeze") as freeze:
            freeze.write("black friday\n")
            freeze.flush()
            text = self.with_config('freeze = "/etc/firedrill/freeze";', f'freeze = "{freeze.name}";',
                                    "--env", "production")
        answer, rule = self.guards(text)["freeze"]
        self.assertEqual(answer, "refuses")
        self.assertIn("(black friday)", rule)

    def test_nothing_is_written(self):
        self.plan("--all", "--env", "staging")
        self.plan("--all", "--env", "production", "--allow-protected")
        self.assertEqual(sorted(os.listdir(self.folder.name)), self.files)

    def test_the_first_control_drill_looks_for_what_can_come_when_nothing_is_broken(self):
        with tempfile.TemporaryDirectory() as folder:
            for verb in (["init"], ["check"], ["plan", "control", "--env", "staging"]):
                run = self.firedrill(*verb, folder=folder)
                self.assertEqual(run.returncode, 0, run.stderr)
        watched = [line for line in run.stdout.splitlines() if line.startswith("  watch")]
        self.assertEqual(len(watched), 2, run.stdout)
        self.assertNotIn("fd-", watched[0])
        self.assertIn("FIRING must never come", watched[0])

    def test_without_a_configuration_it_says_how_to_get_one(self):
        with tempfile.TemporaryDirectory() as folder:
            for verb in (["check"], ["serve"], ["history"]):
                run = self.firedrill(*verb, "--config", f"{folder}/none.cfg", folder=folder)
                self.assertEqual(run.returncode, 2, run.stderr)
                self.assertIn("`firedrill init`, or say where it is with --config", run.stderr)

    def test_what_init_shows_in_comments_is_right_once_they_are_taken_away(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.firedrill("init", folder=folder).returncode, 0)
            shown = []
            for name in ("firedrill.cfg", "scenarios/control.cfg"):
                with open(f"{folder}/{name}", encoding="utf-8") as file:
                    shown.append(file.read())
            config, control = shown
            sketch = re.search(r"^# pipelines = \{\n(?:#.*\n)+", config, re.M)[0]
            config = config.replace(sketch, uncommented(sketch)).replace("# pipeline =", "pipeline =")
            stays = config[config.index("# report = {"):]
            config = config.replace(stays, uncommented(stays)).replace("# blackout", "blackout")
            self.assertNotIn("#   ", config)
            drill = control[control.index("# name "):]
            self.assertEqual(config.count('pipeline = "main";'), 2)
            with open(f"{folder}/firedrill.cfg", "w", encoding="utf-8") as file:
                file.write(config)
            with open(f"{folder}/scenarios/drill.cfg", "w", encoding="utf-8") as file:
                file.write(uncommented(drill))
            run = self.firedrill("check", folder=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn("2 scenarios", run.stdout)
            self.assertNotIn("warning", run.stdout)
            for word in ("digest", "second", "heartbeat", "mention", "listen", "blackout"):
                self.assertRegex(config, f"(?m)^[^#\\n]*\\b{word}\\b")
            self.assertRegex(drill, "schedule = ")
            run = self.firedrill("plan", "orders-bad-queue", "--env", "staging", folder=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn("env:SLACK_WEBHOOK", run.stdout)

    def test_in_a_terminal_no_line_is_longer_than_it_but_for_links(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with subprocess.Popen([FIREDRILL, "plan", "bad-queue", "--env", "staging", "--config",
                               f"{self.folder.name}/firedrill.cfg"], stdin=subprocess.DEVNULL,
                              stdout=theirs, env={"PATH": os.environ["PATH"]}) as process:
            os.close(theirs)
            shown = read_all(ours)
        self.assertEqual(process.returncode, 0)
        self.assertIn("https://orders.staging.example/admin/queue", shown)
        self.assertEqual([line for line in shown.splitlines()
                          if len(line) > 80 and "://" not in line], [])

    def test_check_notes_a_protected_place_whose_faults_nobody_would_hear_of(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.firedrill("init", folder=folder).returncode, 0)
            run = self.firedrill("check", folder=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn("note: production is protected, and nobody is told of a fault that stays "
                          "when the chat is down: set alarm.url or alarm.command", run.stdout)
            with open(f"{folder}/firedrill.cfg", "a", encoding="utf-8") as file:
                file.write('alarm = { command = [ "/usr/bin/true" ]; };\n')
            run = self.firedrill("check", folder=folder)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertNotIn("note:", run.stdout)

    def test_an_unknown_scenario_is_told_with_those_there_are(self):
        run = self.plan("nonsense", "--env", "staging")
        self.assertEqual(run.returncode, 2)
        self.assertIn("bad-queue", run.stderr)


if __name__ == "__main__":
    unittest.main()
