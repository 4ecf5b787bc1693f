"""`firedrill check`: schedules, blackouts and files of holidays, wrong ones and right ones."""
import os
import subprocess
import sys
import tempfile
import unittest

FIREDRILL = sys.argv.pop(1)

CONFIG = """
chats = {{ slack = {{ type = "slack"; token = "env:SLACK_TOKEN"; }}; }};
environments = {{ staging = {{ holidays = [ "german" ]; zone = "Europe/Berlin"; {more} }}; }};
calendars = {{ german = {{ file = "de.ics"; }}; }};
"""
SCENARIO = """
name = "orders"; summary = "A switch";
fault = {{ kind = "dead-health"; via = "http"; hold_at_most = "10m";
  inject = {{ url = "http://orders.example/switch"; body = "broken-${{drill}}"; }};
  revert = {{ url = "http://orders.example/switch"; body = "whole"; }};
  confirm = {{ url = "http://orders.example/switch"; body = "whole"; }}; }};
expect = ( {{ channel = "#ops"; match = [ "Orders", "${{drill}}" ]; }} );
in = {{ staging = {{ schedule = "{schedule}"; }}; }};
"""
NEW_YEAR = ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20200101\r\n"
            "RRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


class CheckTimes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.mkdir(f"{self.folder}/scenarios")
        self.calendar = f"{self.folder}/de.ics"
        self.write_calendar(NEW_YEAR)

    def write_calendar(self, text):
        with open(self.calendar, "w", encoding="utf-8", newline="") as file:
            file.write(text)

    def check(self, schedule, more="", verb=("check",)):
        with open(f"{self.folder}/firedrill.cfg", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(more=more))
        with open(f"{self.folder}/scenarios/orders.cfg", "w", encoding="utf-8") as file:
            file.write(SCENARIO.format(schedule=schedule))
        done = subprocess.run([FIREDRILL, *verb], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": os.environ["PATH"], "SLACK_TOKEN": "xoxb-none"})
        self.assertEqual("", done.stderr if done.returncode == 0 else "")
        return done.returncode, " ".join(done.stdout.split()), done.stderr

    def test_what_is_right_is_no_mistake_and_no_warning(self):
        for schedule in ("0 10 * * Tue", "@daily", "@every 6h",
                         "RRULE:FREQ=MONTHLY;BYDAY=2TU;BYHOUR=10"):
            code, out, _ = self.check(schedule, 'blackout = [ "Sat,Sun 00:00-24:00" ];')
            self.assertEqual(0, code, schedule)
            self.assertIn("no mistakes", out)
            self.assertNotIn("warning", out)

    def test_a_wrong_schedule_is_a_mistake_with_its_line(self):
        code, _, err = self.check("0 10 * *")
        self.assertEqual(2, code)
        self.assertIn("scenarios/orders.cfg:8: in.staging.schedule: ", err)
        self.assertIn("write five fields", err)

    def test_a_schedule_that_is_always_left_out_is_a_mistake(self):
        for schedule, more in (("0 10 1 1 *", ""), ("0 10 * * Sat", 'blackout = [ "Sat 00:00-24:00" ];')):
            code, _, err = self.check(schedule, more)
            self.assertEqual(2, code, schedule)
            self.assertIn("in.staging.schedule: ", err)
            self.assertIn("on holidays or in a blackout", err)

    def test_a_schedule_outside_of_the_hours_is_a_warning(self):
        code, out, _ = self.check("0 3 * * *", 'hours = [ "Mon-Fri 09:00-17:00" ];')
        self.assertEqual(0, code)
        self.assertIn("warning: orders in staging: the schedule never falls inside", out)

    def test_a_schedule_that_comes_while_its_drill_runs_is_a_warning(self):
        code, out, _ = self.check("*/5 * * * *")
        self.assertEqual(0, code)
        self.assertIn("comes round after 5 min, and a drill may hold its fault for 10 min", out)

    def test_a_broken_calendar_is_a_mistake_that_names_its_line(self):
        self.write_calendar(NEW_YEAR.replace("20200101", "tomorrow"))
        code, _, err = self.check("@daily")
        self.assertEqual(2, code)
        self.assertIn("firedrill.cfg: calendars.german.file: ", err)
        self.assertIn("de.ics: line 3: this is no date", err)
        self.assertIn("firedrill: 1 mistake; nothing was done", err)

    def test_what_is_no_file_ends_at_once(self):
        os.unlink(self.calendar)
        self.assertIn("No such file or directory: check the path", self.check("@daily")[2])
        os.mkfifo(self.calendar)
        self.assertIn("no ordinary file", self.check("@daily")[2])
        os.unlink(self.calendar)
        os.mkdir(self.calendar)
        self.assertIn("no ordinary file", self.check("@daily")[2])

    def test_a_broken_calendar_is_in_the_way_of_schedules_only(self):
        self.write_calendar("")
        code, out, err = self.check("@daily", verb=("plan", "orders", "--env", "staging"))
        self.assertEqual(0, code, err)
        self.assertIn("orders.example/switch", out)


if __name__ == "__main__":
    unittest.main()
