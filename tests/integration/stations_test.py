#!/usr/bin/env python3
"""Stations of an alert pipeline that are not what they should be, and what people read of it: before
a drill (check, doctor, plan) and in a drill, which they must neither stop nor mislead."""
import os
import pty
import re
import subprocess
import unittest

import drills
import peers
import small_world
import station

PASS, GAP, USAGE = 0, 1, 2
SECRET = "s3cret-of-the-station"
# KiB that firedrill may take, whatever it is answered: all answers together have a limit of 153 MiB.
MEMORY = 256 << 10
SANITIZED = "asan" in peers.BUILD

FAULT = drills.BAD_QUEUE.replace("/admin/queue", "/queue")


class StationCase(drills.DrillCase):
    def setUp(self):
        super().setUp()
        self.world = small_world.World()
        self.addCleanup(self.world.stop)
        self.environment["STATION_TOKEN"] = f"Bearer {SECRET}"

    def station(self, answers, wrong=None):
        each = station.Station(answers, wrong)
        self.addCleanup(each.stop)
        return each

    def ready(self, *hops, more="", scenario=None, **expectation):
        """A pipeline of these hops (settings, or libconfig text), and one scenario."""
        self.configure({"slack": self.world.url + "/api"}, {"api": self.world.url},
                       drills.pipeline(*hops), staging=drills.IN_MAIN + more)
        self.scenario("bad-queue", scenario or FAULT, drills.expect(
            "#ops", ["OrdersQueueMissing", "${drill}"],
            **{"within": "3s", "grace": "1s", **expectation}))

    def lines(self, result, word):
        return [line[9:] for line in result.out.splitlines() if line.startswith(f"{word:<9}")]

    def measured(self, *arguments):
        """A run of firedrill, and the most memory that it held, in KiB."""
        out, err = (open(os.path.join(self.folder, name), "w+", encoding="utf-8")
                    for name in ("out", "err"))
        with out, err:
            process = subprocess.Popen([peers.FIREDRILL, *arguments], cwd=self.folder,
                                       env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            return drills.Result(process.returncode, out.read(), err.read()), usage.ru_maxrss

    def prometheus(self, each, **more):
        return {"type": "prometheus", "url": each.url, "timeout": "3s", **more}


class Doctor(StationCase):
    def test_healthy_stations_are_told_in_a_line_each(self):
        self.ready(self.prometheus(self.station(station.PROMETHEUS)),
                   {"type": "alertmanager", "name": "am",
                    "url": self.station(station.alertmanager()).url})
        result = self.firedrill("doctor")
        self.assertEqual(result.code, PASS, result)
        found = self.lines(result, "ok")
        self.assertIn("prometheus (main): 1 target up, 1 alerting rule, sends to 1 Alertmanager",
                      found)
        self.assertIn("am (main): version 0.25.0, 1 receiver, 0 alerts, 0 silences now", found)

    def test_every_kind_of_sick_station_is_a_problem_that_says_what_to_do(self):
        for wrong, words in (
                (station.page, "a page for people: is `url` right"),
                (station.ill, "answered 500"),
                (station.breaks_off, "could not be asked"),
                (station.wants("Authorization", f"Bearer {SECRET}"),
                 "it wants authentication; give it in `headers` of this hop"),
                (lambda handler: handler.say(200, '{"status":"success"}') or True,
                 "is `url` that of a Prometheus?"),
                (lambda handler: handler.say(302, "") or True, "it sends us elsewhere")):
            with self.subTest(words):
                self.ready(self.prometheus(self.station(station.PROMETHEUS, wrong)),
                           {"type": "alertmanager",
                            "url": self.station(station.alertmanager()).url})
                result = self.firedrill("doctor")
                self.assertEqual(result.code, USAGE, result)
                problems = self.lines(result, "PROBLEM")
                self.assertEqual(len(problems), 1, result)
                self.assertIn("prometheus (main): ", problems[0])
                self.assertIn(words, problems[0])
                self.assertIn("alertmanager (main): version", result.out)
                self.assertIn("1 problem", result.out.splitlines()[-1])
                self.assertEqual(self.world.queue, "orders")

    def test_a_prefix_that_was_forgotten_is_asked_for(self):
        each = self.station({"/team/prom" + path: answer
                             for path, answer in station.PROMETHEUS.items()})
        self.ready(self.prometheus(each))
        self.assertIn("is the path prefix of `url` right?",
                      self.lines(self.firedrill("doctor"), "PROBLEM")[0])
        self.ready({"type": "prometheus", "url": each.url + "/team/prom/"})
        self.assertEqual(self.firedrill("doctor").code, PASS)

    def test_a_secret_by_reference_opens_the_door_and_is_never_shown(self):
        each = self.station(station.PROMETHEUS,
                            station.wants("Authorization", f"Bearer {SECRET}"))
        hop = (f'{{ type = "prometheus"; url = "{each.url}"; '
               'headers = { Authorization = "env:STATION_TOKEN"; }; }')
        self.ready(hop)
        for arguments in (["doctor"], ["plan", "bad-queue", "--env", "staging"], ["check"]):
            result = self.firedrill(*arguments)
            self.assertEqual(result.code, PASS, result)
            self.assertNotIn(SECRET, result.out + result.err)
        self.environment["STATION_TOKEN"] = "Bearer another-" + SECRET
        each.wrong = lambda handler: handler.say(
            403, f"{handler.headers.get('Authorization')} may not") or True
        result = self.firedrill("doctor")
        self.assertIn("these credentials may not read it", self.lines(result, "PROBLEM")[0])
        self.assertNotIn("another-" + SECRET, result.out + result.err)
        del self.environment["STATION_TOKEN"]
        self.assertIn("STATION_TOKEN", self.lines(self.firedrill("doctor"), "PROBLEM")[0])

    def test_a_station_that_is_silent_is_told_of_while_it_is_waited_for(self):
        self.ready(self.prometheus(self.station(station.PROMETHEUS, station.hangs), timeout="4s"))
        result = self.firedrill("doctor")
        self.assertEqual(result.code, USAGE, result)
        self.assertRegex(result.err, r"(?m)^\d s: waiting for prometheus \(main\)$")
        self.assertEqual(len(self.lines(result, "PROBLEM")), 1, result)

    def test_what_is_doubtful_is_a_warning_and_no_problem(self):
        answers = {**station.PROMETHEUS, "/api/v1/alertmanagers": {
            "status": "success", "data": {"activeAlertmanagers": [], "droppedAlertmanagers": []}}}
        self.ready(self.prometheus(self.station(answers)))
        result = self.firedrill("doctor")
        self.assertEqual(result.code, PASS, result)
        self.assertTrue(any("it sends alerts to no Alertmanager" in line
                            for line in self.lines(result, "warning")), result)
        self.assertRegex(result.out.splitlines()[-1], r"0 problems, \d warnings?$")

    def test_foreign_texts_do_no_harm_to_a_terminal(self):
        evil = "\x1b[2J\x1b]0;owned\x07\x9b31m <script>\r\nok       all: is well"
        answers = {**station.PROMETHEUS, "/api/v1/targets": {
            "status": "success", "data": {"activeTargets": [
                {"labels": {"job": evil, "instance": evil}, "health": "down",
                 "lastError": evil}]}}}
        self.ready(self.prometheus(self.station(answers)))
        result = self.firedrill("doctor")
        self.assertIn("<script>", result.out)
        self.assertNotRegex(result.out, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertNotRegex(result.out, "(?m)^ok       all")

    def test_a_pipeline_that_nobody_uses_is_not_asked(self):
        each = self.station(station.PROMETHEUS)
        self.ready(self.prometheus(each))
        path = os.path.join(self.folder, "firedrill.cfg")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text.replace(drills.IN_MAIN, ""))
        result = self.firedrill("doctor")
        self.assertEqual((result.code, each.asked), (PASS, []), result)
        self.assertIn("no environment names it", result.out)

    def test_on_a_terminal_no_line_is_wider_than_it_and_waiting_leaves_nothing(self):
        self.ready(self.prometheus(self.station(station.PROMETHEUS, station.hangs), timeout="4s"))
        ours, theirs = pty.openpty()
        subprocess.run(["stty", "cols", "80"], stdin=theirs, check=True)
        process = subprocess.Popen([peers.FIREDRILL, "doctor"], cwd=self.folder,
                                   env={**self.environment, "TERM": "xterm"}, stdin=theirs,
                                   stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(ours)
        self.assertEqual(process.wait(drills.PATIENCE_S), USAGE)
        text = shown.decode().replace("\r\n", "\n")
        self.assertIn("s: waiting for prometheus (main)\x1b[K", text)
        # What is left to see: each line from the last place to which the cursor went back.
        left = [line.split("\r")[-1].replace("\x1b[K", "") for line in text.split("\n")]
        self.assertNotIn("waiting for", "\n".join(left))
        self.assertLessEqual(max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in left), 80)


class Offline(StationCase):
    """check and plan ask nobody."""

    def test_check_warns_of_what_the_files_alone_tell_and_calls_it_no_mistake(self):
        each = self.station(station.PROMETHEUS)
        self.ready(self.prometheus(each),
                   scenario=FAULT.replace('hold_at_most = "5m"', 'hold_at_most = "3s"'))
        result = self.firedrill("check")
        self.assertEqual((result.code, each.asked), (PASS, []), result)
        self.assertRegex(result.out, r"(?m)^warning: bad-queue in staging: the fault may be taken "
                                     r"out before the alert is due: .* write hold_at_most = \"8s\"")
        self.assertRegex(result.out, r"(?m)^1 warning; `firedrill doctor` asks the stations, too$")
        self.ready(self.prometheus(each))
        self.assertNotIn("warning", self.firedrill("check").out)

    def test_check_says_when_a_computed_deadline_has_nobody_to_compute_it(self):
        self.ready(self.prometheus(self.station(station.PROMETHEUS)), within="auto",
                   scenario=FAULT.replace('hold_at_most = "5m"', 'hold_at_most = "30m"'))
        self.assertNotIn("no station can tell", self.firedrill("check").out)
        with open(os.path.join(self.folder, "firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text.replace(
            "environments = {",
            f'environments = {{ dev = {{ variables = {{ api = "{self.world.url}"; }}; }};'))
        with open(os.path.join(self.folder, "scenarios/bad-queue.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("scenarios/bad-queue.cfg", text.replace("in = {", "in = { dev = { };"))
        result = self.firedrill("check")
        self.assertEqual(result.code, PASS, result)
        self.assertIn('in dev: the deadline is "auto", and no station can tell', result.out)
        self.assertNotIn("in staging: the deadline", result.out)

    def test_plan_lists_what_each_station_is_asked_and_when(self):
        first, second = self.station(station.PROMETHEUS), self.station(station.alertmanager())
        self.ready(self.prometheus(first),
                   {"type": "alertmanager", "name": "am", "url": second.url + "/am"},
                   within="auto", scenario=FAULT.replace('"5m"', '"30m"'))
        result = self.firedrill("plan", "bad-queue", "--env", "staging")
        self.assertEqual((result.code, first.asked, second.asked), (PASS, [], []), result)
        for line in (f"  baseline  prometheus at {first.url} is asked, 5 requests",
                     f"  baseline  alertmanager am at {second.url}/am is asked, 4 requests",
                     "  watch     the stations (prometheus, am) are asked again, 9 requests, at the "
                     "deadline if an alert is missing by then",
                     "  watch     OrdersQueueMissing must come in #ops within the time that the "
                     "stations say it takes (`firedrill doctor` shows it)",
                     "  explain   the stations (prometheus, am) are asked again, 9 requests, unless "
                     "the drill passes"):
            self.assertIn(line, result.out.splitlines())

    def test_help_and_completion_know_it(self):
        said = self.firedrill("doctor", "--help")
        self.assertEqual(said.code, PASS, said)
        self.assertIn("station", said.out)
        self.assertLessEqual(max(map(len, said.out.splitlines())), 80)
        for verb in ("check", "plan", "doctor"):
            said = self.firedrill(verb, "--help")
            self.assertLessEqual(max(map(len, said.out.splitlines())), 80, verb)
        self.assertIn("doctor", self.firedrill("completion-words").out.split())
        self.assertIn("--config", self.firedrill("completion-words", "doctor").out.split())


class Drill(StationCase):
    """What stations answer must neither stop a drill nor mislead it."""

    def hops(self, report):
        return {hop["hop"]: hop for hop in report["hops"]}

    def test_a_gap_with_sick_stations_is_a_gap_and_they_are_not_asked(self):
        self.world.alerts = False
        for wrong in (station.page, station.ill, station.breaks_off, station.hangs):
            with self.subTest(wrong.__name__):
                self.ready(self.prometheus(self.station(station.PROMETHEUS, wrong), timeout="1s"),
                           {"type": "alertmanager", "timeout": "1s",
                            "url": self.station(station.alertmanager(), wrong).url})
                result, report = self.drill("bad-queue")
                self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
                self.assertEqual((report["gap"]["after"], report["gap"]["before"]),
                                 ("emission", "chat"), result)
                found = self.hops(report)
                for hop in ("metric", "rule", "alertmanager", "receiver"):
                    self.assertEqual(found[hop]["state"], "not-asked", result)
                self.assertEqual(report["fault"]["state"], "clean", result)

    def test_a_gibibyte_from_every_station_costs_little_memory_and_no_verdict(self):
        each = self.station(station.PROMETHEUS, station.endless)
        self.ready(self.prometheus(each, timeout="10s"),
                   {"type": "alertmanager", "url": each.url, "timeout": "10s"},
                   {"type": "grafana", "url": each.url, "timeout": "10s"})
        told, used = self.measured("doctor")
        self.assertEqual(told.code, USAGE, told)
        self.assertEqual(len(self.lines(told, "PROBLEM")), 3, told)
        limit = MEMORY * (8 if SANITIZED else 1)
        print(f"doctor, with a gibibyte from each of 3 stations: {used >> 10} MiB", flush=True)
        self.assertLess(used, limit)
        result, used = self.measured("run", "bad-queue", "--env", "staging", "--json")
        self.assertEqual(result.code, PASS, result)
        self.assertEqual(result.reports[0]["verdict"], "pass", result)
        print(f"run, with a gibibyte from each of 3 stations: {used >> 10} MiB", flush=True)
        self.assertLess(used, limit)

    def test_rules_up_to_the_limit_of_an_answer_cost_little_memory(self):
        rule = {"type": "alerting", "query": "orders_up == 0 and on (instance) up == 1",
                "duration": 15, "state": "inactive", "health": "ok", "alerts": [],
                "labels": {"severity": "page", "team": "t" * 100}, "annotations": {"a": "b" * 100}}
        rules = [{"name": f"Rule{i}", **rule} for i in range(50_000)]
        answers = {**station.PROMETHEUS, "/api/v1/rules": {"status": "success", "data": {
            "groups": [{"name": "many", "interval": 15, "rules": rules}]}}}
        self.ready(self.prometheus(self.station(answers), timeout="10s"))
        told, used = self.measured("doctor")
        print(f"doctor, with 50,000 rules: {used >> 10} MiB", flush=True)
        self.assertEqual(told.code, PASS, told)
        self.assertIn("50000 alerting rules", told.out)
        self.assertLess(used, MEMORY * (8 if SANITIZED else 1))

    def alertmanager_with(self, config, version):
        """An Alertmanager that has the drill's alert at its receiver "team", as long as it fires."""
        each = self.station(station.alertmanager(config, version=version))

        def wrong(handler):
            each.answers["/api/v2/alerts"] = [] if self.world.queue == "orders" else [{
                "labels": {"alertname": "OrdersQueueMissing", "queue": self.world.queue},
                "annotations": {}, "fingerprint": "f00", "receivers": [{"name": "team"}],
                "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
                "status": {"state": "active", "silencedBy": [], "inhibitedBy": []}}]
            return False
        each.wrong = wrong
        return each

    def test_configuration_that_is_not_known_yet_is_said_to_be_unknown(self):
        self.world.alerts = False
        base = "route: { receiver: team, group_wait: 0s }\nreceivers:\n"
        for name, config in (
                ("an anchor", "x: &slack { channel: ops }\n" + base +
                 "- name: team\n  slack_configs: [ *slack ]\n"),
                ("a merge key", base + "- name: team\n  <<: { }\n"),
                ("a new kind of integration", base +
                 "- name: team\n  carrierpigeon_configs: [ { send_resolved: true } ]\n"),
                ("a new key beside the integrations", base +
                 "- name: team\n  deliver_to: [ { channel: ops } ]\n"),
                ("no route", "receivers: [ { name: team } ]\n"),
                ("something else", "\x01\x02"),
                ("nothing", "")):
            with self.subTest(name):
                each = self.alertmanager_with(config, "0.99.0")
                self.ready({"type": "alertmanager", "url": each.url})
                result, report = self.drill("bad-queue")
                self.assertEqual((result.code, report["verdict"]), (GAP, "gap"), result)
                found = self.hops(report)
                self.assertEqual(found["alertmanager"]["state"], "had-it", result)
                self.assertEqual(found["receiver"]["state"], "not-asked", result)
                self.assertNotIn("posts nowhere", result.out)
                told = self.firedrill("doctor")
                self.assertEqual(told.code, PASS, told)
                self.assertNotIn("posts nowhere", told.out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
