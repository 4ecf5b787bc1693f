#!/usr/bin/env python3
"""The web server and those who mean it ill: slow, many, large, broken, gone.

usage: web_test.py METER_SERVER      the daemon's web server and meter without the daemon
"""
import json
import os
import random
import re
import resource
import select
import socket
import struct
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

SERVER = sys.argv.pop(1) if len(sys.argv) > 1 else ""
PATIENCE_S = 60          # for whatever must happen; nothing here takes a tenth of it
TOKEN = "s3cret-t0ken"
MIB = 1024 * 1024
CONNECTIONS = 256        # WEB_CONNECTIONS
PENDING_MIB = 32         # WEB_PENDING_BYTES
LARGE = 4_000_000        # the page /large
ASK = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"
ASK_LARGE = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
# The allocators of the sanitizers keep what is freed.
MEASURES = "asan" not in SERVER


def until(what, condition):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what}")
        time.sleep(0.02)  # the pause between two looks


class Server:
    def __init__(self, token=None, descriptors=None):
        environment = {key: value for key, value in os.environ.items() if key != "FIREDRILL_TOKEN"}
        if token:
            environment["FIREDRILL_TOKEN"] = token
        limit = None
        if descriptors:
            def limit():
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        self.process = subprocess.Popen([SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=environment, preexec_fn=limit)
        self.url = json.loads(self.process.stdout.readline())["url"]
        host, port = self.url.removeprefix("http://").rsplit(":", 1)
        self.place = (host, int(port))

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        return status

    def connect(self):
        return socket.create_connection(self.place, timeout=PATIENCE_S)

    def mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s*(\d+)", file.read())[1]) / 1024

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def ask(self, *pieces):
        """Says it all, and reads to the end."""
        with self.connect() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return read_all(connection)


def read_all(connection):
    got = b""
    try:
        while True:
            piece = connection.recv(65536)
            if not piece:
                return got
            got += piece
    except ConnectionError:
        return got


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


class WebTest(unittest.TestCase):
    def serve(self, **options):
        server = Server(**options)

        def end():
            self.assertEqual(server.stop(), 0, "the server did not end well")
        self.addCleanup(end)
        return server

    def assert_well(self, server):
        self.assertEqual(status(server.ask(ASK)), 200)

    def assert_small(self, server, before_mib, most_mib):
        if MEASURES:
            self.assertLess(server.mib() - before_mib, most_mib)

    # Many.

    def test_behind_a_thousand_silent_connections_a_request_is_answered(self):
        server = self.serve()
        before = server.mib()
        idle = [self.enterContext(server.connect()) for _ in range(1000)]
        self.assert_well(server)
        self.assertLess(server.descriptors(), CONNECTIONS + 20)
        self.assert_small(server, before, 8)
        for connection in idle:
            connection.close()
        until("all are let go", lambda: server.descriptors() < 20)

    def test_two_hundred_who_ask_at_once_and_read_late_are_cut_to_what_is_allowed(self):
        server = self.serve()
        before = server.mib()
        greedy = []
        for _ in range(200):
            greedy.append(self.enterContext(server.connect()))
            greedy[-1].sendall(ASK_LARGE)
        self.assert_well(server)
        self.assert_small(server, before, PENDING_MIB + 3 * LARGE / MIB)
        # The newest has its page; the oldest had to go.
        page = read_all(greedy[-1])
        self.assertEqual(len(page.split(b"\r\n\r\n", 1)[1]), LARGE)
        self.assertLess(len(read_all(greedy[0])), LARGE)
        for connection in greedy:
            connection.close()

    def test_those_who_vanish_leave_nothing(self):
        server = self.serve()
        before = server.descriptors()
        for i in range(300):
            connection = server.connect()
            connection.sendall((b"", ASK[:20], ASK_LARGE)[i % 3])
            # Closing sends a reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.assert_well(server)
        until("all are let go", lambda: server.descriptors() <= before)

    def test_without_descriptors_it_waits_and_does_not_spin(self):
        server = self.serve(descriptors=40)
        many = [self.enterContext(server.connect()) for _ in range(100)]
        until("no descriptor is left", lambda: server.descriptors() >= 38)
        began, cpu = time.monotonic(), server.cpu_s()
        until("some time has passed", lambda: time.monotonic() - began > 0.5)
        self.assertLess(server.cpu_s() - cpu, 0.5 * (time.monotonic() - began))
        for connection in many:
            connection.close()
        self.assert_well(server)

    # Large.

    def test_ten_megabytes_are_refused_before_they_come(self):
        server = self.serve()
        head = b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10485760\r\n\r\n"
        with server.connect() as connection:
            connection.sendall(head)
            self.assertEqual(status(read_all(connection)), 413)

    def test_who_sends_ten_megabytes_all_the_same_reads_why_not(self):
        server = self.serve()
        before = server.mib()
        for kind in (b"Content-Length: 10485760", b"Transfer-Encoding: chunked"):
            for verb in (b"POST", b"GET"):
                head = verb + b" / HTTP/1.1\r\nHost: localhost\r\n" + kind + b"\r\n\r\n"
                answer = server.ask(head, b"x" * (10 * MIB))
                self.assertEqual(status(answer), 413)
        self.assert_small(server, before, 4)

    def test_headers_without_end_are_cut(self):
        server = self.serve()
        before = server.mib()
        for start, expected in ((b"GET /", 414), (b"GET / HTTP/1.1\r\nA: ", 431),
                                (b"GET / HTTP/1.1\r\n", 431)):
            with server.connect() as connection:
                piece = b"A: b\r\n" * 20000 if expected == 431 and start[-1:] == b"\n" else b"a" * MIB
                try:
                    connection.sendall(start + piece)
                except ConnectionError:
                    pass  # it had heard enough
                self.assertIn(status(read_all(connection)), (expected, 0))
        self.assert_small(server, before, 4)
        self.assert_well(server)

    def test_a_thousand_requests_in_a_row_are_one(self):
        server = self.serve()
        answer = server.ask(ASK * 1000)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 1)
        self.assertTrue(answer.endswith(b"well\n"))

    # Slow.

    def test_a_slow_client_is_in_nobodys_way(self):
        server = self.serve()
        with server.connect() as slow:
            for byte in ASK[:-1]:
                slow.sendall(bytes([byte]))
            self.assert_well(server)
            self.assertEqual(select.select([slow], [], [], 0)[0], [])
            slow.sendall(ASK[-1:])
            self.assertEqual(status(read_all(slow)), 200)

    def test_who_half_closes_is_answered(self):
        server = self.serve()
        with server.connect() as connection:
            connection.sendall(ASK_LARGE)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(len(read_all(connection).split(b"\r\n\r\n", 1)[1]), LARGE)

    def test_who_reads_slowly_gets_it_all(self):
        server = self.serve()
        with server.connect() as connection:
            connection.sendall(ASK_LARGE)
            first = connection.recv(1000)
            self.assert_well(server)
            self.assertEqual(len((first + read_all(connection)).split(b"\r\n\r\n", 1)[1]), LARGE)

    # Broken.

    def test_noise_is_refused_and_forgotten(self):
        server = self.serve()
        dice = random.Random(4711)
        for i in range(200):
            noise = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 200)))
            start = (b"", b"GET ", b"GET / HTTP/1.1\r\nHost: localhost\r\n")[i % 3]
            self.assertNotEqual(status(server.ask(start + noise + b"\r\n\r\n")), 200)
        self.assert_well(server)

    def test_paths_that_lead_out_are_refused(self):
        server = self.serve()
        for path in (b"/../etc/passwd", b"/%2e%2e/etc/passwd", b"/a/..", b"/%00", b"/-/healthy%00",
                     b"/\x00", b"//../", b"/%", b"/%fe", b"http://localhost/../x"):
            answer = server.ask(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual(status(answer), 400, path)

    def test_other_verbs_are_told_which_there_are(self):
        server = self.serve()
        for verb in (b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"PATCH", b"BREW"):
            answer = server.ask(verb + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual(status(answer), 405)
            self.assertIn(b"\r\nAllow: GET, HEAD\r\n", answer)

    def test_HEAD_is_GET_without_the_page(self):
        server = self.serve()
        head = server.ask(ASK_LARGE.replace(b"GET", b"HEAD"))
        self.assertIn(f"\r\nContent-Length: {LARGE}\r\n".encode(), head)
        self.assertTrue(head.endswith(b"\r\n\r\n"))

    def test_a_name_from_elsewhere_is_refused_without_a_token(self):
        server = self.serve()
        for host, expected in ((b"evil.example", 403), (b"localhost:1", 200), (b"[::1]", 200)):
            self.assertEqual(status(server.ask(ASK.replace(b"localhost", host))), expected)

    # Tokens.

    def test_bad_tokens_open_nothing_and_learn_nothing(self):
        server = self.serve(token=TOKEN)
        seen = set()
        for line in (b"", b"Authorization: Bearer wrong\r\n", b"Authorization: Bearer \r\n",
                     f"Authorization: Bearer {TOKEN[:-1]}\r\n".encode(),
                     f"Authorization: Bearer {TOKEN}x\r\n".encode(),
                     f"Authorization: Bearer {TOKEN}\x00\r\n".encode(),
                     b"Authorization: Basic %%%\r\n", b"Authorization: Basic Og==\r\n",
                     b"Authorization: " + b"B" * 9000 + b"\r\n"):
            answer = server.ask(b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n")
            self.assertIn(status(answer), (400, 401))
            self.assertNotIn(TOKEN.encode(), answer)
            if status(answer) == 401:
                self.assertIn(b'\r\nWWW-Authenticate: Basic realm="firedrill"', answer)
                seen.add(answer.split(b"\r\n\r\n", 1)[1])
        self.assertEqual(len(seen), 1)

    def test_the_token_opens_by_both_schemes_and_health_needs_none(self):
        server = self.serve(token=TOKEN)
        handlers = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        handlers.add_password(None, server.url, "anybody", TOKEN)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPBasicAuthHandler(handlers))
        with opener.open(server.url + "/metrics", timeout=PATIENCE_S) as answer:
            self.assertIn(b"firedrill_build_info", answer.read())
        bearer = f"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        self.assertEqual(status(server.ask(bearer.encode())), 200)
        self.assert_well(server)
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                server.url + "/nowhere", timeout=PATIENCE_S)

    def test_descriptors_do_not_add_up(self):
        server = self.serve()
        self.assert_well(server)
        before = server.descriptors()
        for _ in range(100):
            self.assert_well(server)
        until("all are let go", lambda: server.descriptors() <= before)


if __name__ == "__main__":
    unittest.main()
