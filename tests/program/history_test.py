"""`firedrill history` and `report`: what is remembered, as a person and as a machine reads it.

usage: TEST FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import fcntl
import os
import pty
import sqlite3
import struct
import termios
import xml.etree.ElementTree as xml

from small_case import GAP, KEY, PASS, USAGE, Case, main


class History(Case):
    """A pass, then a gap: the same drill without its alert."""

    def two_drills(self):
        passed = self.run_drill().reports[0]
        self.target.alerts = False
        gap = self.run_drill().reports[0]
        self.target.alerts = True
        self.assertEqual((passed["verdict"], gap["verdict"]), ("pass", "gap"))
        return passed, gap

    def sql(self, text):
        db = sqlite3.connect(self.path("firedrill.db-history"), isolation_level=None)
        db.executescript(text)
        db.close()

    def in_terminal(self, columns, *arguments):
        """The same in a terminal that is so wide: its lines, with colours."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.popen = {"stdin": theirs, "stdout": theirs}
        self.environment.update(TERM="xterm", LANG="C.UTF-8")
        del self.environment["NO_COLOR"]
        process = self.start(*arguments)
        os.close(theirs)
        read = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # its other side is closed
                break
            if not part:
                break
            read += part
        os.close(ours)
        process.communicate()
        return read.decode().replace("\r\n", "\n")

    def test_without_a_drill_it_says_what_to_do_and_makes_no_file(self):
        told = self.firedrill("history")
        self.assertEqual((told.code, told.err), (PASS, ""), told)
        self.assert_says(told, ["no drill has ended yet", "firedrill run"])
        self.assertFalse(os.path.exists(self.path("firedrill.db-history")))
        told = self.firedrill("history", "--json")
        self.assertEqual((told.code, told.out), (PASS, ""), told)
        told = self.firedrill("report", "last")
        self.assertEqual((told.code, told.out), (USAGE, ""), told)
        self.assertEqual(self.firedrill("report", "--since", "7d").code, PASS)

    def test_past_drills_are_told_to_people_to_machines_and_to_ci(self):
        passed, gap = self.two_drills()
        self.lists(passed, gap)
        self.reports_one(gap)
        self.sums_up(gap)
        self.writes_junit(gap)
        self.writes_a_page(gap)
        self.in_a_terminal(gap)

    def lists(self, passed, gap):
        told = self.firedrill("history")
        self.assertEqual((told.code, told.err), (PASS, ""), told)
        lines = told.out.splitlines()
        self.assertEqual(len(lines), 3, told)
        self.assertRegex(lines[1], rf"gap +bad-queue +staging +{gap['drill']} +{gap['text']}$")
        self.assertRegex(lines[2], rf"pass +bad-queue +staging +{passed['drill']}")
        told = self.firedrill("history", "--json")
        self.assertEqual([report["drill"] for report in told.reports],
                         [gap["drill"], passed["drill"]])
        again = told.reports[0]
        self.assertEqual(again, {**gap, "origin": "hand", "repeats": None,
                                 "ended": again["ended"]})
        for words, count in ((["--verdict", "gap"], 1), (["--verdict", "flaky"], 0),
                             (["bad-queue", "--env", "staging", "--since", "1h"], 2),
                             (["--verdict", "flaky", "--env", "staging"], 0)):
            told = self.firedrill("history", "--json", *words)
            self.assertEqual((told.code, len(told.reports)), (PASS, count), told)
        told = self.firedrill("history", "--verdict", "gpa")
        self.assertEqual(told.code, USAGE)
        self.assert_says(told, ['did you mean "gap"'])
        self.assertIn(gap["drill"], self.firedrill("completion-words", "report").out.split())

    def test_a_name_that_nobody_knows_is_no_quiet_week(self):
        self.run_drill()
        with open(self.path("scenarios/bad-queue.cfg"), encoding="utf-8") as file:
            self.write("scenarios/later.cfg", file.read().replace("bad-queue", "later", 1))
        for words, meant in (
                (["history", "--env", "stagng"], 'environment "stagng": did you mean "staging"'),
                (["history", "bad-queu"], 'scenario "bad-queu": did you mean "bad-queue"'),
                (["history", "latr", "bad-queue"], 'scenario "latr": did you mean "later"'),
                (["history", "--env", "x9"], 'the environment "x9"$'),
                (["report", "--since", "7d", "--env", "stagng"], 'did you mean "staging"'),
                (["report", "--since", "7d", "last"], 'scenario "last"'),
                (["coverage", "--env", "stagng"], 'did you mean "staging"'),
                (["run", "bad-queu", "--env", "staging"], 'did you mean "bad-queue"'),
                (["run", "bad-queue", "--env", "stagng"], 'did you mean "staging"')):
            told = self.firedrill(*words)
            self.assertEqual((told.code, told.out), (USAGE, ""), told)
            self.assert_says(told, [meant])
        told = self.firedrill("history", "later")
        self.assertEqual(told.code, PASS, told)
        self.write("scenarios/later.cfg", "broken")
        told = self.firedrill("history", "later", "--env", "staging")
        self.assertEqual(told.code, PASS, told)
        os.rename(self.path("scenarios/bad-queue.cfg"), self.path("scenarios/renamed.off"))
        self.assertEqual(len(self.firedrill("history", "--json", "bad-queue").reports), 1)

    def reports_one(self, gap):
        for name in (gap["drill"], gap["drill"][:9], gap["drill"][3:9], "last"):
            told = self.firedrill("report", name)
            self.assertEqual((told.code, told.err), (PASS, ""), told)
            self.assert_says(told, [rf"GAP +bad-queue in staging +{gap['drill']}", gap["text"],
                                    "lost +between emission and chat", "by hand", "inject +after"])
        told = self.firedrill("report", "last", "--json")
        report = told.reports[0]
        self.assertEqual(report["drill"], gap["drill"])
        self.assertIn("fault", [seen["kind"] for seen in report["evidence"]], report)
        self.assertNotIn(KEY, told.out)
        passed = self.firedrill("history", "--verdict", "pass", "--json").reports[0]
        evidence = self.firedrill("report", passed["drill"], "--json").reports[0]["evidence"]
        messages = [seen["text"] for seen in evidence if seen["kind"] == "message"]
        self.assertIn(f"[FIRING:1] OrdersQueueMissing (orders-{passed['drill']})", messages[0])
        self.assert_says(self.firedrill("report", passed["drill"]),
                         ["messages as they were read", r"\| \[FIRING:1\] OrdersQueueMissing"])
        told = self.firedrill("report", "fd-nobody")
        self.assertEqual((told.code, told.out), (USAGE, ""), told)
        self.assert_says(told, ["there is no drill fd-nobody", "firedrill history"])

    def sums_up(self, gap):
        told = self.firedrill("report", "--since", "1h", "bad-queue", "--env", "staging")
        self.assertEqual((told.code, told.err), (PASS, ""), told)
        self.assert_says(told, ["2 drills of 1 scenario in 1 environment", "1 pass, 1 gap",
                                rf"open for .*last {gap['drill']}", "p99"])
        summary = self.firedrill("report", "--since", "1h", "--json").reports[0]
        self.assertEqual((summary["verdicts"]["gap"], summary["gaps"][0]["open"]), (1, True))
        self.assertEqual(summary["gaps"][0]["first_drill"], gap["drill"])

    def writes_junit(self, gap):
        self.write("out.xml", "before")
        told = self.firedrill("report", "--since", "1h", "--junit", "out.xml")
        self.assertEqual(told.code, PASS, told)
        root = xml.parse(self.path("out.xml")).getroot()
        case = root.find("testsuite[@name='staging']/testcase[@name='bad-queue']")
        self.assertEqual((root.get("tests"), root.get("failures")), ("1", "1"))
        self.assertEqual(case.find("failure").get("message"), gap["text"])
        self.assertEqual(float(case.get("time")), gap["duration_ms"] / 1000)
        told = self.firedrill("report", "--since", "1h", "--junit", "-")
        self.assertEqual(xml.fromstring(told.out.encode()).tag, "testsuites")
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if "xml" in name),
                         ["out.xml"])

    def writes_a_page(self, gap):
        told = self.firedrill("report", "last", "--html", "page.html")
        self.assertEqual((told.code, told.out), (PASS, ""), told)
        with open(self.path("page.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn(gap["drill"], page)
        self.assertIn(gap["text"], page)

    def in_a_terminal(self, gap):
        told = self.in_terminal(100, "history")
        line = next(line for line in told.splitlines() if gap["drill"] in line)
        self.assertIn("\033[1;31mgap", line)
        self.assertTrue(line.endswith("…"), line)

    def test_a_run_writes_junit_for_ci_and_fails_when_it_cannot(self):
        told = self.run_drill("--junit", "ci.xml")
        self.assertEqual(told.code, PASS, told)
        case = xml.parse(self.path("ci.xml")).getroot().find("testsuite/testcase")
        self.assertEqual((case.get("name"), case.get("classname")), ("bad-queue", "staging"))
        self.assertIn(told.reports[0]["drill"], case.findtext("system-out"))
        self.target.alerts = False
        self.assertEqual(self.run_drill("--junit", "ci.xml").code, GAP)
        self.assertIsNotNone(xml.parse(self.path("ci.xml")).getroot().find(".//failure"))
        calls = len(self.target.calls)
        for place in ("nowhere/ci.xml", "-"):
            told = self.run_drill("--junit", place)
            self.assertEqual((told.code, told.out), (USAGE, ""), told)
        self.assertEqual(len(self.target.calls), calls)  # found out before anything was broken
        told = self.run_drill("--junit", "/dev/full")
        self.assertEqual((told.code, told.reports[0]["verdict"]), (GAP, "gap"), told)
        self.assert_says(told, ["/dev/full cannot be written"])

    def test_what_is_damaged_newer_or_not_ours_is_refused_with_what_to_do(self):
        self.two_drills()
        self.sql("UPDATE report SET json = '{' || json; UPDATE drill SET scenario = char(27) || '['")
        told = self.firedrill("history")
        self.assertEqual((told.code, told.err), (PASS, ""), told)
        self.assertNotIn("\033", told.out)
        self.assert_says(told, ["gap; its report is not kept"])
        self.assertEqual(self.firedrill("history", "--json").reports[0]["exit_code"], 1)
        self.assertEqual(self.firedrill("report", "last").code, PASS)
        self.sql("PRAGMA user_version = 99;")
        for verb in (["history"], ["report", "last"], ["report", "--since", "1d"]):
            told = self.firedrill(*verb)
            self.assertEqual((told.code, told.out), (USAGE, ""), told)
            self.assert_says(told, ["written by a newer firedrill"])
        self.sql("PRAGMA user_version = 2; PRAGMA application_id = 7;")
        self.assert_says(self.firedrill("history"), ["database of another program"])
        self.write("firedrill.db-history", b"no database at all" * 100)
        self.assert_says(self.firedrill("history"), ["is not a history"])

    def test_a_history_that_cannot_be_written_is_told_and_changes_no_verdict(self):
        self.two_drills()
        db = sqlite3.connect(self.path("firedrill.db-history"), isolation_level=None)
        self.addCleanup(db.close)
        db.execute("BEGIN IMMEDIATE")
        told = self.run_drill()
        self.assertEqual((told.code, told.reports[0]["verdict"]), (PASS, "pass"), told)
        self.assert_says(told, ["1 drill is not in the history: another process is writing"])
        self.assertEqual(len(self.firedrill("history", "--json").reports), 2)  # reading goes on
        db.execute("ROLLBACK")
        self.run_drill()
        self.assertEqual(len(self.firedrill("history", "--json").reports), 3)


if __name__ == "__main__":
    raise SystemExit(main())
