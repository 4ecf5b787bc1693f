"""What people are told by `firedrill serve`: aloud of a new gap, in its one message of one that goes
on, of its end; a digest; the heartbeat; and the second path.

usage: notices_test.py FIREDRILL FAKE_SERVICES [PART OF A NAME...]
"""
import contextlib
import datetime
import http.server
import json
import re
import signal
import sqlite3
import sys
import threading
import time
import urllib.request

import small_case
from serve_case import ServeCase
from small_case import AUDITOR, TOKEN, UNTOLD, ask, until
from smtp_server import Server

OWNER = 'owner = "payments"; runbook = "https://wiki.example/orders"; jitter = "0s"; '
OWNERS = 'owners = { payments = { mention = "S0614TZR7"; }; };\n'


class Told(ServeCase):
    def setUp(self):
        super().setUp()
        self.chat.control("channel", name="drills", member=True)

    def message(self, text):
        """The messages with a text as their headline above the rest."""
        api, where = self.chat.about["api"], self.chat.about["channels"]["drills"]
        listed = json.loads(ask(f"{api}/conversations.history?channel={where}&limit=999",
                                token=AUDITOR))
        return [message for message in listed["messages"] if text in message.get("text", "")]

    def replies(self, message):
        api, where = self.chat.about["api"], self.chat.about["channels"]["drills"]
        answer = ask(f"{api}/conversations.replies?channel={where}&ts={message['ts']}",
                     token=AUDITOR)
        return json.loads(answer)["messages"][1:]

    def gap(self, **more):
        self.target.alerts = False
        self.scenario(within="200ms", more=OWNER, **more)
        self.configure(more='report = { channel = "#drills"; };\n' + OWNERS)


class Gaps(Told):
    def test_a_gap_is_loud_once_it_is_confirmed_goes_on_in_its_message_and_recovers(self):
        self.gap()
        looked = threading.Event()

        def hold_the_third(verb, count):
            if (verb, count) == ("PUT", 5):  # each drill breaks and mends
                looked.wait(5)
        self.target.wrong = hold_the_third
        daemon = self.serve()
        repeat = daemon.wait("drill begun", origin="repeat")
        until("it is told", lambda: self.message("ALERT GAP"))
        first, = self.message("ALERT GAP")
        looked.set()
        begun = datetime.datetime.fromisoformat(repeat["time"].replace("Z", "+00:00"))
        self.assertGreater(float(first["ts"]), begun.timestamp(), daemon)
        self.assertIn("<!subteam^S0614TZR7> *ALERT GAP in staging, found by a drill: "
                      "OrdersQueueMissing never reached #ops*", first["text"])
        told = json.dumps(first)
        for part in (repeat["drill"], repeat["repeats"], "*Owner*: payments",
                     "https://wiki.example/orders"):
            self.assertIn(part, told)
        until("it goes on", lambda: self.replies(first))
        still, = self.message("ALERT GAP")
        self.assertEqual(still["ts"], first["ts"])
        self.assertIn("still open", still["text"])
        until("a drill's own message says where", lambda: any(
            "GAP still open" in text and f"/p{first['ts'].replace('.', '')}" in text
            for text in self.chat.texts("ops")))
        self.assertEqual(daemon.stop(), 0, daemon)

        self.scenario(within="10s", more=OWNER)
        self.target.alerts = True
        daemon = self.serve()
        until("it is over", lambda: self.message("RECOVERED"))
        over, = self.message("RECOVERED")
        self.assertEqual(over["ts"], first["ts"])
        until("it is told in the thread", lambda: any(
            reply.get("subtype") == "thread_broadcast" for reply in self.replies(first)))
        count = len(daemon.said("drill over"))
        daemon.wait("drill over", count=count + 2)
        self.assertEqual(len(self.message("RECOVERED")), 1)
        self.assertEqual(self.message("ALERT GAP"), [])
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_gap_that_a_drill_of_the_configuration_before_finds_is_not_told_twice(self):
        self.target.alerts = False
        self.scenario(within="1s", more=OWNER + "repeat = false;")
        self.configure(more='report = { channel = "#drills"; };\n' + OWNERS)
        reloaded = threading.Event()

        def hold_the_first(verb, count):
            if (verb, count) == ("PUT", 1):
                reloaded.wait(8)
        self.target.wrong = hold_the_first
        daemon = self.serve()
        daemon.wait("drill begun")
        daemon.signal(signal.SIGHUP)
        daemon.wait("reloaded")
        self.assertEqual(daemon.said("drill over"), [], daemon)
        reloaded.set()
        daemon.wait("drill over", count=2, verdict="gap")
        until("it goes on", lambda: self.message("ALERT GAP, still open"))
        self.assertEqual(len(self.message("ALERT GAP")), 1, daemon)
        self.target.alerts = True
        daemon.wait("drill over", verdict="pass")
        until("it is over", lambda: self.message("RECOVERED"))
        self.assertEqual(self.message("ALERT GAP"), [], daemon)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_message_that_was_deleted_is_posted_anew(self):
        self.gap(runs_in='staging = { schedule = "@every 2s"; };')
        daemon = self.serve()
        until("it is told", lambda: self.message("ALERT GAP"))
        first, = self.message("ALERT GAP")
        api, where = self.chat.about["api"], self.chat.about["channels"]["drills"]
        body = json.dumps({"channel": where, "ts": first["ts"]}).encode()
        request = urllib.request.Request(f"{api}/chat.delete", data=body, headers={
            "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=small_case.PATIENCE_S) as answer:
            self.assertTrue(json.loads(answer.read())["ok"])
        until("it is told again", lambda: self.message("ALERT GAP, still open"))
        second, = self.message("ALERT GAP")
        self.assertNotEqual(second["ts"], first["ts"])
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_token_that_is_revoked_leads_to_the_second_path_once(self):
        server = Server()
        self.addCleanup(server.stop)
        self.configure(more='report = { second = { mail = { server = "%s"; '
                       'from = "f@mail.example"; to = [ "o@mail.example" ]; }; }; };\n'
                       % server.url)
        daemon = self.serve()
        daemon.wait("drill over", verdict="pass")
        self.chat.control("token", token=TOKEN, revoked=True)
        count = len(daemon.said("drill over"))
        daemon.wait("drill over", count=count + 3)
        until("it is told", lambda: server.letters)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertEqual(len(server.letters), 1)
        self.assertIn(b"Subject: firedrill cannot ", server.letters[0][2])
        self.assertIn(b"revoked", server.letters[0][2].replace(b"=\r\n", b""))
        self.assertEqual(server.mistakes, [])


    def test_an_address_that_the_mail_server_refuses_is_in_the_log(self):
        server = Server(refuse=["gone@mail.example"])
        self.addCleanup(server.stop)
        self.scenario(within="10s", runs_in="staging = { };")
        self.configure(more='report = { channel = "#old"; second = { mail = { server = "%s"; '
                       'from = "f@mail.example"; to = [ "gone@mail.example", "o@mail.example" ]; '
                       '}; }; };\n' % server.url)
        daemon = self.serve()
        daemon.wait("started")
        self.run_drill()
        said = daemon.wait("not told by every way", path="second")
        self.assertIn("gone@mail.example (550", said["why"])
        self.assertEqual(len(server.letters), 1)
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_run_that_was_handed_over_ends_with_7_when_its_report_did_not_arrive(self):
        server = Server()
        self.addCleanup(server.stop)
        self.scenario(within="10s", runs_in="staging = { };")
        self.configure(more='report = { channel = "#old"; second = { mail = { server = "%s"; '
                       'from = "f@mail.example"; to = [ "o@mail.example" ]; }; }; };\n'
                       % server.url)
        daemon = self.serve()
        daemon.wait("started")
        result = self.run_drill()
        self.assertEqual((result.code, result.reports[0]["verdict"]), (UNTOLD, "pass"), result)
        self.assertEqual(daemon.wait("drill over")["drill"], result.reports[0]["drill"], daemon)
        until("it is told", lambda: server.letters)
        self.assertIn(b"firedrill cannot report to slack", server.letters[0][2])
        self.assertEqual(daemon.stop(), 0, daemon)


class Rest(Told):
    def test_a_digest_comes_when_it_is_due(self):
        self.configure(more='report = { channel = "#drills"; digest = "@every 3s"; };\n')
        daemon = self.serve()

        def digests():
            return [text for text in self.chat.texts("drills")
                    if re.search(r"the last day: [1-9]\d* drills?: \d+ pass", text)]
        until("a digest with drills", digests)
        until("its details", lambda: any("Details of the digest" in text
                                         for text in self.chat.texts("drills")))
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_digest_that_was_due_while_nobody_was_there_comes_once_and_says_so(self):
        month = (time.gmtime().tm_mon + 5) % 12 + 1  # not in the months about today
        self.configure(more=f'report = {{ channel = "#drills"; digest = "0 9 1 {month} *"; }};\n')

        def late():
            return [text for text in self.chat.texts("drills") if "it was due at" in text]

        def life(told=0):
            daemon = self.serve()
            daemon.wait("drill over")
            until("it is told", lambda: len(late()) >= told)
            self.assertEqual(daemon.stop(), 0, daemon)
        life()
        self.assertEqual(late(), [])
        with contextlib.closing(sqlite3.connect(self.path("firedrill.db-history"))) as history:
            due = int((time.time() - 86400) * 1000)
            changed = history.execute("UPDATE planned SET wall_ms = ? WHERE scenario = ''", (due,))
            self.assertEqual(changed.rowcount, 1)
            history.commit()
        life(told=1)
        self.assertEqual(len(late()), 1)
        self.assertIn("when firedrill was not running", late()[0])
        life()
        self.assertEqual(len(late()), 1)

    def beaten(self):
        """A dead-man service: what it was called with; while the event is set it answers 500."""
        calls, broken = [], threading.Event()

        class Beat(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                calls.append((self.path, body))
                self.send_response(500 if broken.is_set() else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Beat)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.environment["BEAT"] = f"http://127.0.0.1:{server.server_port}/beat-5150-secret/"
        return calls, broken

    def test_the_heartbeat_starts_beats_and_fails_with_the_reason(self):
        calls, _ = self.beaten()
        self.configure(more='heartbeat = { url = "env:BEAT"; every = "1s"; };\n')
        daemon = self.serve()
        until("it beats", lambda: len(calls) >= 2)
        self.assertEqual([path for path, _ in calls[:2]],
                         ["/beat-5150-secret/start", "/beat-5150-secret"])
        self.write("scenarios/bad-queue.cfg", "nonsense = 1;\n")
        daemon.signal(signal.SIGHUP)
        until("it fails", lambda: any(path.endswith("/fail") for path, _ in calls))
        self.assertIn("the last reload failed", [body for path, body in calls
                                                 if path.endswith("/fail")][0])
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertNotIn("5150", str(daemon))

    def test_the_heartbeat_fails_while_nobody_can_be_told_of_a_gap(self):
        calls, _ = self.beaten()
        self.target.alerts = False
        self.scenario(within="200ms", more=OWNER)
        self.configure(more='report = { channel = "#old"; };\n' + OWNERS +
                       'heartbeat = { url = "env:BEAT"; every = "1s"; };\n')
        daemon = self.serve()
        until("it fails", lambda: any(path.endswith("/fail") for path, _ in calls))
        self.assertIn("people cannot be told", [body for path, body in calls
                                                if path.endswith("/fail")][0])
        self.assertEqual(daemon.stop(), 0, daemon)

    def test_a_heartbeat_that_is_not_heard_is_in_the_log_once(self):
        calls, broken = self.beaten()
        broken.set()
        self.configure(more='heartbeat = { url = "env:BEAT"; every = "1s"; };\n')
        daemon = self.serve()
        said = daemon.wait("the heartbeat is not heard")
        self.assertIn("500", said["why"])
        broken.clear()
        daemon.wait("the heartbeat is heard again")
        self.assertEqual(len(daemon.said("the heartbeat is not heard")), 1)
        self.assertEqual(daemon.stop(), 0, daemon)
        self.assertNotIn("5150", str(daemon))


if __name__ == "__main__":
    sys.exit(small_case.main())
