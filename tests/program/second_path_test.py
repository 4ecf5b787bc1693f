"""A run whose report does not reach its channel: exit code 7, and the second path - mail from a strict
server's view, a webhook, another channel.  The server itself is checked with curl and smtplib."""
import email
import email.policy
import http.server
import json
import os
import shutil
import smtplib
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

import small_case
from small_case import GAP, UNTOLD, USAGE, Case
from smtp_server import Server

PASSWORD = "mail-password-1337-secret"
HOOK = "hook-path-9001-secret"
CERTIFICATE = None


def make_certificate(folder):
    key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "good.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=firedrill-test", "-keyout", key, "-out", certificate,
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return certificate, key


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Second(Case):
    """The report channel is archived, the watched one is well."""

    def setUp(self):
        super().setUp()
        self.environment.update(MAIL_PASSWORD=PASSWORD, SSL_CERT_FILE=CERTIFICATE[0])

    def serve_mail(self, **options):
        server = Server(**options)
        self.addCleanup(server.stop)
        return server

    def serve_hook(self, status=200):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.got, server.status = [], status
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.environment["HOOK"] = f"http://127.0.0.1:{server.server_port}/{HOOK}"
        return server

    def second(self, text):
        self.configure(more=f'report = {{ channel = "#old"; second = {{ {text} }}; }};')

    def mail(self, server, more="", to='"ops@mail.example"'):
        self.second(f'mail = {{ server = "{server.url}"; from = "firedrill@mail.example"; '
                    f'to = [ {to} ]; {more} }};')

    LOGIN = 'user = "firedrill"; password = "env:MAIL_PASSWORD";'

    def assert_untold(self, result, *words):
        self.assertEqual(result.code, UNTOLD, result)
        self.assertEqual(result.reports[0]["verdict"], "pass", result)
        self.assertIn("archived", result.reports[0]["report_problem"])
        self.assert_says(result, words)
        self.assert_no_secret(result)
        for secret in (PASSWORD, HOOK):
            self.assertNotIn(secret, result.out + result.err)

    def letter(self, server, tls):
        """The only one, as python's own parser reads it."""
        self.assertEqual(server.mistakes, [])
        self.assertEqual(len(server.letters), 1)
        sender, recipients, data, over_tls = server.letters[0]
        self.assertEqual((sender, over_tls), ("firedrill@mail.example", tls))
        letter = email.message_from_bytes(data, policy=email.policy.default)
        self.assertEqual(letter.defects, [])
        return recipients, letter, data


class Mail(Second):
    def test_the_report_comes_as_a_letter(self):
        server = self.serve_mail()
        self.mail(server, to='"ops@mail.example", "boss@mail.example"')
        self.assert_untold(self.run_drill(), "1 report did not reach the chat", "told instead by mail")
        recipients, letter, data = self.letter(server, tls=False)
        self.assertEqual(recipients, ["ops@mail.example", "boss@mail.example"])
        self.assertEqual(letter["From"], "firedrill <firedrill@mail.example>")
        self.assertEqual(letter["To"], "ops@mail.example, boss@mail.example")
        self.assertRegex(letter["Subject"], r"^\[DRILL\] \u2714 PASS: OrdersQueueMissing reached #ops")
        self.assertEqual(letter["Auto-Submitted"], "auto-generated")
        self.assertRegex(letter["Message-ID"], r"^<fd-[a-z0-9]{8}\.[0-9]+@mail\.example>$")
        self.assertIsNotNone(letter["Date"].datetime)
        text = letter.get_content()
        self.assertIn("Broke: A drill of the tests", text)
        self.assertIn("Why it comes this way: the chat could not be reached: #old:", text)
        self.assertNotIn("*", text)
        self.assertLessEqual(max(len(line) for line in data.split(b"\r\n")), 78)

    def test_a_password_goes_over_tls_only(self):
        server = self.serve_mail(certificate=CERTIFICATE, login=("firedrill", PASSWORD))
        self.mail(server, self.LOGIN)
        self.assert_untold(self.run_drill(), "told instead by mail")
        self.letter(server, tls=True)

    def test_tls_from_the_start(self):
        server = self.serve_mail(certificate=CERTIFICATE, tls_at_once=True,
                                 login=("firedrill", PASSWORD))
        self.mail(server, self.LOGIN)
        self.assert_untold(self.run_drill(), "told instead by mail")
        self.letter(server, tls=True)

    def test_without_tls_no_password_is_sent(self):
        server = self.serve_mail(login=("firedrill", PASSWORD))
        self.mail(server, self.LOGIN)
        self.assert_untold(self.run_drill(), "nor the second path: mail: ", "no TLS")
        self.assertEqual(server.letters, [])
        self.assertFalse([line for line in server.seen if line.upper().startswith(b"AUTH")])

    def test_a_certificate_that_is_not_trusted(self):
        del self.environment["SSL_CERT_FILE"]
        server = self.serve_mail(certificate=CERTIFICATE, login=("firedrill", PASSWORD))
        self.mail(server, self.LOGIN)
        self.assert_untold(self.run_drill(), "certificate is not trusted")
        self.assertFalse([line for line in server.seen if line.upper().startswith(b"AUTH")])

    def test_without_a_password_any_certificate_is_better_than_none(self):
        del self.environment["SSL_CERT_FILE"]
        server = self.serve_mail(certificate=CERTIFICATE)
        self.mail(server)
        self.assert_untold(self.run_drill(), "told instead by mail")
        self.letter(server, tls=True)

    def test_a_wrong_password_is_tried_once(self):
        server = self.serve_mail(certificate=CERTIFICATE, login=("firedrill", "another"))
        self.mail(server, self.LOGIN)
        self.assert_untold(self.run_drill(), "check user and password")
        self.assertEqual(len([line for line in server.seen if line.startswith(b"AUTH")]), 1)

    def test_a_busy_server_is_tried_again(self):
        server = self.serve_mail()
        server.busy = 1
        self.mail(server)
        self.assert_untold(self.run_drill(), "told instead by mail")
        self.letter(server, tls=False)

    def test_an_address_that_is_refused_does_not_keep_the_others_from_it(self):
        server = self.serve_mail(refuse=["gone@mail.example"])
        self.mail(server, to='"gone@mail.example", "ops@mail.example"')
        self.assert_untold(self.run_drill(), "told instead by mail; mail: its server refused "
                           r"gone@mail.example \(550 .*\): check report.second.mail.to")
        self.assertEqual(self.letter(server, tls=False)[0], ["ops@mail.example"])

    def test_when_all_are_refused_it_says_so(self):
        server = self.serve_mail(refuse=["ops@mail.example"])
        self.mail(server)
        self.assert_untold(self.run_drill(), "nor the second path: mail: ", "550")

    def test_an_address_with_a_line_break_is_refused_before_anything_is_sent(self):
        server = self.serve_mail()
        self.mail(server, to='"ops@mail.example\\r\\nBcc: all@mail.example"')
        self.assert_usage(self.run_drill(), "report.second.mail.to", "not an address of e-mail")
        self.assertEqual(server.seen, [])


class Others(Second):
    def test_a_webhook(self):
        hook = self.serve_hook()
        self.second('webhook = "env:HOOK";')
        self.assert_untold(self.run_drill(), "told instead by webhook")
        self.assertEqual([path for path, _ in hook.got], [f"/{HOOK}"])
        text = hook.got[0][1]["text"]
        self.assertEqual(text.count("OrdersQueueMissing reached #ops"), 1, text)

    def test_another_channel(self):
        self.second('channel = "#general";')
        self.assert_untold(self.run_drill(), "told instead by chat")
        told = self.chat.texts("general")
        self.assertEqual(len(told), 1)
        self.assertIn("Why it comes this way", told[0])
        self.assertIn("firedrill:untold", told[0])

    def test_each_way_says_what_came_of_it(self):
        hook = self.serve_hook(status=404)
        mail = self.serve_mail()
        self.second(f'webhook = "env:HOOK"; mail = {{ server = "{mail.url}"; '
                    'from = "firedrill@mail.example"; to = [ "ops@mail.example" ]; };')
        self.assert_untold(self.run_drill(), "told instead by mail")
        self.assertEqual(len(hook.got), 1)
        self.assertEqual(len(mail.letters), 1)

    def test_doctor_looks_before_it_is_needed(self):
        self.configure(more="""report = { channel = "#drills"; second = { webhook = "env:NO_HOOK";
          channel = "#nowhere"; mail = { server = "smtp://127.0.0.1:9"; from = "a@b.example";
          to = [ "c@d.example" ]; user = "u"; password = "env:NO_PASSWORD"; }; }; };
          heartbeat = { url = "env:NO_HEART"; }; serve = { token = "env:NO_TOKEN"; };""")
        result = self.firedrill("doctor")
        self.assertEqual(result.code, USAGE, result)
        self.assert_says(result, ["PROBLEM  report.second.webhook: .*NO_HOOK is not set",
                                  "PROBLEM  report.second.mail.password: .*NO_PASSWORD is not set",
                                  "PROBLEM  #nowhere: .*second path",
                                  "warning  heartbeat.url: .*NO_HEART is not set.*serve",
                                  "warning  serve.token: .*NO_TOKEN is not set.*serve"])
        for name in ("NO_HOOK", "NO_PASSWORD", "NO_HEART", "NO_TOKEN"):
            self.environment[name] = "http://127.0.0.1:9/hush-hush"
        result = self.firedrill("doctor")
        self.assert_says(result, ["ok       report.second.webhook", "ok       heartbeat.url"])
        self.assertNotIn("hush-hush", result.out + result.err)

    def test_without_a_second_path(self):
        self.configure(more='report = { channel = "#old"; };')
        self.assert_untold(self.run_drill(), "no second path is configured")

    def test_a_gap_is_worse(self):
        self.target.alerts = False
        self.scenario(within="1s", resolved="")
        server = self.serve_mail()
        self.mail(server)
        self.assertEqual(self.run_drill().code, GAP)
        self.assertIn("never reached #ops", self.letter(server, tls=False)[1]["Subject"])

    def test_a_report_that_arrives_needs_none(self):
        server = self.serve_mail()
        self.configure(more='report = { second = { mail = { server = "%s"; from = "a@b.example"; '
                       'to = [ "c@d.example" ]; }; }; };' % server.url)
        self.assert_passes(self.run_drill())
        self.assertEqual(server.seen, [])


class TheServerItself(unittest.TestCase):
    """Official clients find nothing odd about it."""

    def check(self, **options):
        server = Server(**options)
        self.addCleanup(server.stop)
        return server

    def test_smtplib(self):
        server = self.check(certificate=CERTIFICATE, login=("firedrill", PASSWORD))
        with smtplib.SMTP("127.0.0.1", server.server_address[1]) as client:
            client.starttls(context=ssl.create_default_context(cafile=CERTIFICATE[0]))
            client.login("firedrill", PASSWORD)
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: x\r\n\r\n.dot\r\n")
        self.assertEqual(server.mistakes, [])
        self.assertEqual(server.letters, [("a@b.example", ["c@d.example"],
                                           b"Subject: x\r\n\r\n.dot\r\n", True)])

    def test_curl(self):
        server = self.check()
        subprocess.run(["curl", "-sS", "--noproxy", "*", server.url, "--mail-from", "a@b.example",
                        "--mail-rcpt", "c@d.example", "-T", "-"], check=True,
                       input=b"Subject: x\r\n\r\n.dot\r\n", capture_output=True)
        self.assertEqual(server.mistakes, [])
        self.assertEqual(server.letters[0][2], b"Subject: x\r\n\r\n.dot\r\n")


if __name__ == "__main__":
    FOLDER = tempfile.mkdtemp(prefix="firedrill-mail-")
    try:
        CERTIFICATE = make_certificate(FOLDER)
        code = small_case.main()
    finally:
        shutil.rmtree(FOLDER)
    sys.exit(code)
