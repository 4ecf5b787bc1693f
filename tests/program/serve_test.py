"""`firedrill serve`, as a whole: by schedule, reload, stop, death, halt, and what it says.

usage: serve_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import contextlib
import datetime
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request

import small_case
from serve_case import ServeCase, parsed
from small_case import FAULT_LEFT, REFUSED, USAGE, ask, free_port, until

FAILED = "reload failed: the configuration before it stays at work"


class Schedules(ServeCase):
    def test_a_scheduled_drill_runs_again_and_again(self):
        daemon = self.serve()
        over = daemon.wait("drill over", count=2)
        self.assertEqual((over["verdict"], over["fault"]), ("pass", "clean"), daemon)
        begun = daemon.wait("drill begun")
        self.assertEqual((begun["origin"], begun["scenario"]), ("schedule", "bad-queue"), daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()

    def test_a_gap_is_repeated_once_and_one_that_is_known_is_not(self):
        self.target.alerts = False
        self.scenario(within="500ms")
        daemon = self.serve()
        first, again = daemon.wait("drill begun"), daemon.wait("drill begun", count=2)
        self.assertEqual((first["origin"], again["origin"]), ("schedule", "repeat"), daemon)
        self.assertEqual(again["repeats"], first["drill"], daemon)
        over = daemon.wait("drill over", drill=again["drill"])
        self.assertEqual((over["verdict"], over["level"]), ("gap", "warn"), daemon)
        for count in (3, 4):
            self.assertEqual(daemon.wait("drill begun", count=count)["origin"], "schedule", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_repeat_that_an_earlier_life_did_not_come_to_is_made_up_for(self):
        self.target.alerts = False
        self.scenario(within="200ms", runs_in='staging = { schedule = "@every 3s"; };')
        self.configure(environment='spacing = "1h";')
        daemon = self.serve()
        first = daemon.wait("drill over", verdict="gap")
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertEqual(daemon.said("drill begun", origin="repeat"), [], daemon)
        self.configure()
        daemon = self.serve()
        repeat = daemon.wait("drill begun", origin="repeat")
        self.assertEqual(repeat["repeats"], first["drill"])
        daemon.wait("drill over", drill=repeat["drill"])
        self.assertEqual(daemon.stop(), 0, daemon)
        daemon = self.serve()
        daemon.wait("drill begun", origin="schedule")
        self.assertEqual(daemon.said("drill begun", origin="repeat"), [], daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_repeat_that_the_end_of_a_life_stopped_is_made_up_for(self):
        self.target.alerts = False
        self.scenario(within="6s")  # the stop comes in that time
        daemon = self.serve()
        first = daemon.wait("drill over", verdict="gap")
        stopped = daemon.wait("drill begun", origin="repeat")
        self.assertEqual(daemon.stop(), 0, daemon)
        over, = daemon.said("drill over", drill=stopped["drill"])
        self.assertEqual(over["verdict"], "aborted", daemon)
        daemon = self.serve()
        repeat = daemon.wait("drill begun", origin="repeat")
        self.assertEqual(repeat["repeats"], first["drill"], daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()

    def test_a_history_that_can_be_opened_only_later_is_known_to_all_from_then_on(self):
        self.target.alerts = False
        self.scenario(within="200ms", runs_in="staging = { };", more="repeat = false;")
        daemon = self.serve()
        daemon.wait("started")
        self.assertEqual(self.run_drill().code, small_case.GAP, daemon)
        daemon.wait("told", path="chat")
        self.assertEqual(daemon.stop(), 0, daemon)
        os.rename(self.path("firedrill.db-history"), self.path("kept"))
        os.symlink("nowhere", self.path("firedrill.db-history"))
        self.scenario(runs_in="staging = { };")
        daemon = self.serve()
        address = daemon.wait("started")["pages"]
        self.assertIn("no history is open", ask(address).decode())
        daemon.wait("the history cannot be written just now")
        os.replace(self.path("kept"), self.path("firedrill.db-history"))
        daemon.wait("the history is written again")
        self.assertNotIn("no history is open", ask(address).decode())
        metrics = ask(f"{address}metrics").decode()
        self.assertIn('firedrill_open_gaps{environment="staging"} 1', metrics)
        self.assertIn('scenario="bad-queue",environment="staging",verdict="gap"', metrics)
        self.target.alerts = True
        self.assertEqual(self.run_drill().code, 0, daemon)
        until("it is over", lambda: [text for text in self.chat.texts() if "RECOVERED" in text])
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_it_says_when_it_is_ready(self):
        daemon = self.serve()
        pages = daemon.wait("started")["pages"]
        self.assertEqual(ask(pages + "-/ready"), b"firedrill is ready\n")
        self.assertEqual(ask(pages + "-/healthy"), b"firedrill lives\n")
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_what_was_due_while_nobody_was_there_is_missed_and_not_made_up_for(self):
        daemon = self.serve()
        daemon.wait("drill over")
        self.assertEqual(daemon.stop(), 0, daemon)
        with contextlib.closing(sqlite3.connect(self.path("firedrill.db-history"))) as history:
            last_ms, = history.execute(
                "SELECT wall_ms FROM planned WHERE scenario = 'bad-queue'").fetchone()
        stopped = os.times().elapsed
        until("two more moments have passed", lambda: os.times().elapsed - stopped > 4.5)
        later = self.serve()
        missed = later.wait("missed")
        self.assertEqual((missed["scenario"], missed["environment"]), ("bad-queue", "staging"))
        begun, ended = (datetime.datetime.fromisoformat(missed[key].replace("Z", "+00:00"))
                        for key in ("first", "last"))
        self.assertGreaterEqual(ended - begun, datetime.timedelta(seconds=2), later)
        self.assertEqual(int(missed["count"]), (ended - begun).seconds // 2 + 1, later)
        self.assertGreater(begun.timestamp() * 1000, last_ms, later)
        self.assertIn("not running", missed["why"], later)
        later.wait("drill over")
        self.assertEqual(later.stop(), 0, later)

    def test_a_drill_by_hand_is_handed_to_the_daemon_and_shown(self):
        self.scenario(runs_in="staging = { };")
        daemon = self.serve()
        self.assertEqual(daemon.wait("started")["scheduled"], "0", daemon)
        told = self.run_drill()
        self.assertEqual(told.code, 0, told)
        self.assertEqual(daemon.wait("drill over")["drill"], told.reports[0]["drill"], daemon)
        self.assertEqual(daemon.wait("drill begun")["origin"], "hand", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)


class Reload(ServeCase):
    def test_mistakes_keep_the_old_configuration_and_are_all_logged(self):
        daemon = self.serve()
        address = daemon.wait("started")["pages"]
        self.write("scenarios/bad-queue.cfg", "nonsense = 1;\n")
        self.write("scenarios/other.cfg", "more = [ ;\n")
        daemon.signal(signal.SIGHUP)
        daemon.wait(FAILED)
        for name in ("scenarios/bad-queue.cfg", "scenarios/other.cfg"):
            self.assertTrue(daemon.said("mistake", file=name, level="error"), daemon)
        self.assertIn("config_last_reload_successful 0", self.metrics(address))
        self.assertEqual(daemon.wait_next()["verdict"], "pass", daemon)
        os.unlink(self.path("scenarios/other.cfg"))
        self.scenario(runs_in="staging = { };")
        daemon.signal(signal.SIGHUP)
        self.assertEqual(daemon.wait("reloaded")["scheduled"], "0", daemon)
        self.assertIn("config_last_reload_successful 1", self.metrics(address))
        self.assertEqual(daemon.stop(), 0, daemon)

    @staticmethod
    def metrics(address):
        with urllib.request.urlopen(f"{address}metrics", timeout=small_case.PATIENCE_S) as answer:
            return answer.read().decode()

    def test_a_drill_that_runs_ends_under_its_own_configuration_and_alone(self):
        self.target.alerts = False
        self.scenario(within="50s", more='jitter = "0s"; repeat = false;')
        daemon = self.serve()
        daemon.wait("phase", phase="watch")
        self.scenario(within="100ms", more='jitter = "0s"; repeat = false;')
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded")
        self.assertFalse(daemon.said("drill over"), daemon)
        self.target.fire()
        daemon.wait("drill over", count=2)
        order = [line["msg"] for line in daemon.lines if line["msg"] in ("drill begun",
                                                                         "drill over")]
        self.assertEqual(order[:4], ["drill begun", "drill over"] * 2, daemon)
        verdicts = [line["verdict"] for line in daemon.said("drill over")[:2]]
        self.assertEqual(verdicts, ["pass", "gap"], daemon)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_no_fault()

    def test_what_needs_a_restart_is_refused_and_says_so(self):
        daemon = self.serve()
        daemon.wait("started")
        self.configure(state="another.db")
        daemon.signal(signal.SIGHUP)
        why = daemon.wait(FAILED)["why"]
        self.assertIn("state is another one", why)
        self.assertIn("restart", why)
        self.assertFalse(os.path.exists(self.path("another.db")))
        self.write("firedrill.cfg", open(self.path("firedrill.cfg"), encoding="utf-8").read()
                   .replace("another.db", "firedrill.db").replace('127.0.0.1:0', '127.0.0.1:1'))
        daemon.signal(signal.SIGHUP)
        self.assertIn("serve.listen", daemon.wait(FAILED, count=2)["why"])
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_many_hangups_at_once_end_with_the_newest(self):
        daemon = self.serve()
        daemon.wait("started")
        for _ in range(20):
            daemon.signal(signal.SIGHUP)
        self.scenario(runs_in="staging = { };")
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded", scheduled="0")
        self.assertEqual(daemon.stop(), 0, daemon)
        until("all guardians are gone", lambda: not self.guardians())

    @contextlib.contextmanager
    def asleep(self, daemon):
        """What reaches it here, it finds all at once."""
        daemon.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            daemon.signal(signal.SIGCONT)

    def test_who_asks_is_answered_while_many_files_are_read(self):
        daemon = self.serve()
        address = daemon.wait("started")["pages"]
        with open(self.path("scenarios/bad-queue.cfg"), encoding="utf-8") as file:
            text = file.read()
        for i in range(600):
            self.write(f"scenarios/y{i}.cfg", text.replace('name = "bad-queue"', f'name = "y{i}"'))
        self.write("scenarios/z.cfg", "nonsense = 1;\n")
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        with contextlib.ExitStack() as stack:
            with self.asleep(daemon):
                link = stack.enter_context(socket.create_connection((host, int(port))))
                link.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                daemon.signal(signal.SIGHUP)
            answer = b"".join(iter(lambda: link.recv(65536), b"")).decode()
        self.assertIn("config_last_reload_successful 1", answer)
        daemon.signal(signal.SIGHUP)  # counts though it comes while they are read, and that fails
        daemon.wait(FAILED, count=2)
        self.assertIn("config_last_reload_successful 0", self.metrics(address))
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_stop_does_not_wait_for_a_reload(self):
        daemon = self.serve()
        daemon.wait("started")
        self.write("scenarios/other.cfg", "nonsense = 1;\n")
        with self.asleep(daemon):
            daemon.signal(signal.SIGHUP)
            daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.end(), 0, daemon)
        self.assertTrue(daemon.said("reloading"), daemon)
        self.assertFalse(daemon.said(FAILED), daemon)


class End(ServeCase):
    def in_place(self):
        """A daemon whose drill has its fault in, and nothing that would end it."""
        self.target.alerts = False
        self.scenario(within="50s")
        daemon = self.serve()
        daemon.wait("phase", phase="watch")
        self.assertNotEqual(self.target.value, "orders", daemon)
        return daemon

    def test_a_stop_puts_right_what_is_in_place_and_reports_it(self):
        daemon = self.in_place()
        self.assertEqual(daemon.stop(), 0, daemon)
        over = daemon.said("drill over")[0]
        self.assertEqual((over["verdict"], over["fault"]), ("aborted", "clean"), daemon)
        self.assertEqual(daemon.lines[-1]["msg"], "stopped", daemon)
        self.assert_no_fault()
        self.assertTrue([t for t in self.chat.texts() if "stopped by SIGTERM" in t])

    def test_a_second_signal_says_that_it_is_still_at_it(self):
        daemon = self.in_place()
        self.target.wrong = lambda verb, count: (500, "no") if wrong and verb == "PUT" else None
        wrong = [1]
        daemon.signal(signal.SIGINT)
        daemon.wait("stopping")
        daemon.signal(signal.SIGINT)
        daemon.wait("still putting it right; the guardian finishes it if you kill this process")
        wrong.clear()
        self.assertEqual(daemon.end(), 0, daemon)
        self.assert_no_fault()

    def test_a_fault_that_stays_is_code_3_and_fails_no_second_time(self):
        daemon = self.in_place()
        self.target.wrong = lambda verb, count: (500, "no") if verb == "PUT" else None
        self.assertEqual(daemon.stop(), 3, daemon)
        self.assertTrue(daemon.said("FAULT LEFT"), daemon)

    def test_killed_its_guardian_puts_right_and_the_next_one_goes_on(self):
        daemon = self.in_place()
        daemon.signal(signal.SIGKILL)
        daemon.end()
        self.target.alerts = True
        self.scenario()
        later = self.serve()  # at once: the guardian of the dead one may still be at work
        later.wait("drill over", verdict="pass")
        self.assertEqual(later.stop(), 0, later)
        self.assert_no_fault()

    def test_a_guardian_that_dies_is_replaced(self):
        daemon = self.serve()
        daemon.wait("started")
        until("there is one guardian", lambda: len(self.guardians()) == 1)
        os.kill(self.guardians()[0], signal.SIGKILL)
        daemon.wait_text("note", "a new one watches")
        daemon.wait("drill over", verdict="pass")
        self.assertEqual(daemon.stop(), 0, daemon)


class Lever(ServeCase):
    def test_halt_reverts_what_runs_and_nothing_begins_until_resume(self):
        self.target.alerts = False
        self.scenario(within="50s")
        daemon = self.serve()
        daemon.wait("phase", phase="watch")
        self.assertEqual(self.firedrill("halt", "--reason", "an incident").code, 0)
        self.assertEqual(daemon.wait("halted")["reason"], "an incident", daemon)
        self.assertEqual(daemon.wait("drill over")["verdict"], "aborted", daemon)
        self.assert_no_fault()
        daemon.wait("missed", why="firedrill was halted")
        told = self.firedrill("run", "bad-queue", "--env", "staging")
        self.assertEqual(told.code, REFUSED, told)
        self.assertIn("firedrill resume", told.err, told)
        self.target.alerts = True
        begun = len(daemon.said("drill begun"))
        self.assertEqual(begun, 1, daemon)
        self.assertEqual(self.firedrill("resume").code, 0)
        daemon.wait("resumed")
        self.assertEqual(daemon.wait("drill over", count=2)["verdict"], "pass", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_resumed_while_it_reloads_the_plan_goes_on(self):
        daemon = self.serve()
        daemon.wait("drill over", verdict="pass")
        self.assertEqual(self.firedrill("halt", "--reason", "an incident").code, 0)
        daemon.wait("halted")
        daemon.signal(signal.SIGSTOP)
        self.assertEqual(self.firedrill("resume").code, 0)
        daemon.signal(signal.SIGHUP)
        daemon.signal(signal.SIGCONT)
        daemon.wait("reloaded")
        daemon.wait("resumed")
        self.assertEqual(daemon.wait_next()["verdict"], "pass", daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_halt_and_resume_that_only_the_older_configuration_saw_stop_no_plan(self):
        self.target.alerts = False
        self.scenario(within="50s")
        daemon = self.serve()
        daemon.wait("phase", phase="watch")
        self.target.alerts = True
        self.scenario()
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded")
        self.assertEqual(self.firedrill("halt", "--reason", "an incident").code, 0)
        self.assertEqual(self.firedrill("resume").code, 0)
        self.assertEqual(daemon.wait("drill over")["verdict"], "aborted", daemon)
        daemon.wait("drill over", verdict="pass")
        self.assertEqual(daemon.stop(), 0, daemon)


class Start(ServeCase):
    def test_a_second_daemon_is_refused_and_told_who_is_there(self):
        daemon = self.serve()
        daemon.wait("started")
        other = self.serve()
        self.assertEqual(other.end(), USAGE, other)
        self.assertIn("another daemon", str(other))
        self.assertIn(f"process {daemon.process.pid}", str(other))
        daemon.wait("drill over", verdict="pass")
        self.assertEqual(daemon.stop(), 0, daemon)
        later = self.serve()
        later.wait("started")
        self.assertEqual(later.stop(), 0, later)

    def test_a_second_daemon_is_told_who_is_there_and_not_whose_port_is_taken(self):
        self.configure(more=f'canary = {{ listen = "127.0.0.1:{free_port()}"; }};')
        daemon = self.serve()
        daemon.wait("started")
        other = self.serve()
        self.assertEqual(other.end(), USAGE, other)
        self.assertIn(f"process {daemon.process.pid}", str(other))
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_damaged_ledger_is_refused_and_the_faults_in_it_are_listed_all_the_same(self):
        daemon = self.serve()
        daemon.wait("drill over")
        self.assertEqual(daemon.stop(), 0, daemon)
        with contextlib.closing(sqlite3.connect(self.path("firedrill.db"))) as ledger:
            ledger.execute("UPDATE fault SET state = 'injected'")
            ledger.commit()
            drill, = ledger.execute("SELECT drill FROM fault LIMIT 1").fetchone()
            page, = ledger.execute(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'fault_open'").fetchone()
            size, = ledger.execute("PRAGMA page_size").fetchone()
        with open(self.path("firedrill.db"), "r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"rubbish" * 100)
        for verb in ("serve", "status"):
            told = self.firedrill(verb)
            self.assertEqual(told.code, FAULT_LEFT, told)
            self.assertIn(f"{drill}: bad-queue in staging, injected", told.err)
            self.assertIn("look at every environment", told.err)

    def test_every_mistake_is_printed_and_nothing_begins(self):
        self.scenario(runs_in='staging = { schedule = "0 0 30 2 *"; };')
        with open(self.path("scenarios/bad-queue.cfg"), encoding="utf-8") as file:
            self.write("scenarios/other.cfg", file.read().replace('"bad-queue"', '"other"', 1))
        told = self.firedrill("serve")
        self.assert_usage(told, r"bad-queue\.cfg.*schedule", r"other\.cfg.*schedule", "2 mistakes; nothing")
        self.assertEqual(self.guardians(), [])

    def test_a_port_that_is_taken_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
                text = file.read()
            self.write("firedrill.cfg", text.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
            told = self.firedrill("serve")
        self.assert_usage(told, f"127.0.0.1:{port}")

    def test_what_makes_it_useless_is_told_at_the_start(self):
        self.configure(more='report = { second = { webhook = "env:NO_HOOK"; }; };')
        self.scenario(runs_in="staging = { };")
        del self.environment["SLACK_TOKEN"]
        daemon = self.serve()
        daemon.wait("started", scheduled="0")
        idle = daemon.wait("no scenario has a schedule: drills run by hand only", level="warn")
        self.assertIn("schedule =", idle["do"])
        mute = daemon.wait("a chat cannot be used: its drills will be inconclusive", level="warn")
        self.assertIn("is not set", mute["why"])
        daemon.wait("the second path cannot be used", key="report.second.webhook", level="warn")
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assert_usage(self.firedrill("report", "last"), "the history is empty: run a drill")
        self.assert_usage(self.firedrill("report", "last", "--log", "--html", "x.html"), "choose one")

    def test_a_secret_that_is_not_there_is_named_with_its_key(self):
        with open(self.path("firedrill.cfg"), encoding="utf-8") as file:
            text = file.read()
        self.write("firedrill.cfg", text + 'heartbeat = { url = "env:ABSENT_HEARTBEAT"; };\n')
        self.assert_usage(self.firedrill("serve"), "heartbeat.url: .*ABSENT_HEARTBEAT is not set")
        self.write("firedrill.cfg", text.replace('127.0.0.1:0"', '127.0.0.1:0"; token = "env:ABSENT_TOKEN"'))
        self.assert_usage(self.firedrill("serve"), "serve.token: .*ABSENT_TOKEN is not set")

    def test_a_relative_state_lies_in_the_folder_of_the_service(self):
        os.mkdir(self.path("lib"))
        self.environment["STATE_DIRECTORY"] = self.path("lib")
        daemon = self.serve()
        self.assertEqual(daemon.wait("started")["state"], self.path("lib", "firedrill.db"))
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertFalse(os.path.exists(self.path("firedrill.db")))

    def test_a_level_that_is_none_is_refused(self):
        self.assert_usage(self.firedrill("serve", "--log-level", "loud"), "error, warn, info, debug")


class Log(ServeCase):
    def test_info_tells_no_phases_and_no_line_tells_a_secret(self):
        self.target.wrong = lambda verb, count: (500, small_case.KEY)
        daemon, loud = self.one_drill("info"), self.one_drill("debug")
        self.assertFalse(daemon.said("phase"), daemon)
        self.assertTrue(loud.said("phase"), loud)
        for text in (str(daemon), str(loud)):
            for secret in (small_case.TOKEN, small_case.KEY, "4711-secret", "0815-secret"):
                self.assertNotIn(secret, text)

    def one_drill(self, level):
        daemon = self.serve(level=level)
        daemon.wait("drill over")
        self.assertEqual(daemon.stop(), 0, daemon)
        return daemon

    def test_for_journald_lines_begin_with_their_level(self):
        reading, writing = os.pipe()
        about = os.fstat(writing)
        self.environment["JOURNAL_STREAM"] = f"{about.st_dev}:{about.st_ino}"
        process = subprocess.Popen(
            [small_case.FIREDRILL, "serve"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stderr=writing)
        os.close(writing)
        with open(reading, encoding="utf-8") as lines:
            first = lines.readline()
            process.terminate()
            rest = lines.read().splitlines()
        self.assertEqual(process.wait(small_case.PATIENCE_S), 0)
        self.assertTrue(first.startswith("<6>msg=started "), first)
        for line in [first.rstrip("\n"), *rest]:
            self.assertRegex(line, r"^<[3467]>msg=")
            parsed(line[3:])

    def test_a_reader_who_does_not_read_holds_nothing_up(self):
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        while True:
            try:
                os.write(writing, b"x" * 4096)
            except BlockingIOError:
                break
        os.set_blocking(writing, True)
        process = subprocess.Popen(
            [small_case.FIREDRILL, "serve"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stderr=writing)
        os.close(writing)
        until("two drills ran", lambda: self.target.calls.count("PUT") >= 4)
        process.terminate()
        self.assertEqual(process.wait(small_case.PATIENCE_S), 0)
        os.close(reading)
        self.assert_no_fault()


class Service(ServeCase):
    def test_the_service_manager_hears_of_every_change(self):
        manager = self.listen()
        self.environment["NOTIFY_SOCKET"] = self.path("notify")
        self.environment["WATCHDOG_USEC"] = "200000"
        daemon = self.serve()
        heard = []

        def hear(what):
            while not any(text.startswith(what) for text in heard):
                heard.append(manager.recv(4096).decode())
            while not heard.pop(0).startswith(what):
                continue

        hear("STATUS=Drills run by their schedules")
        hear("READY=1")
        for _ in range(3):
            hear("WATCHDOG=1")
        daemon.signal(signal.SIGHUP)
        hear("RELOADING=1\nMONOTONIC_USEC=")
        hear("READY=1")
        daemon.signal(signal.SIGTERM)
        hear("STOPPING=1")
        self.assertEqual(daemon.end(), 0, daemon)


if __name__ == "__main__":
    sys.exit(small_case.main())
