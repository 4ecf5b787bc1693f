#!/usr/bin/env python3
"""Each real peer alone: it starts, does what the other tests build on, and leaves nothing behind."""
import http.server
import os
import subprocess
import sys
import threading
import unittest

import peers


class Orders(http.server.BaseHTTPRequestHandler):
    """A service that fails to publish, told by its metrics alone."""

    def do_GET(self):
        failures = self.server.failures
        text = f"orders_up 1\n{failures}"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class PeersTest(peers.Case):
    def orders(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Orders)
        server.failures = ""
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"127.0.0.1:{server.server_port}"

    def test_prometheus_alertmanager_and_emulate_pass_an_alert_on_and_resolve_it(self):
        chat = self.peer(peers.Emulate())
        orders, target = self.orders()
        alertmanager = self.peer(peers.Alertmanager(
            peers.slack_by_webhook(chat, "ops"), peers.slack_by_token(chat, "ops-staging")))
        prometheus = self.peer(peers.Prometheus({"orders": target}, alertmanager.url))
        peers.until("a first scrape", lambda: prometheus.value("orders_up") == 1)
        self.assertEqual(prometheus.alerts(), set())

        def told(channel, word):
            return [text for text in chat.texts(channel)
                    if word in text and "fd-k3q9x2m7" in text]
        orders.failures = 'orders_publish_failures_total{queue="orders-fd-k3q9x2m7"} 1\n'
        for channel in ("ops", "ops-staging"):
            peers.until("the alert is in the chat", lambda c=channel: told(c, "FIRING"))
        orders.failures = ""
        for channel in ("ops", "ops-staging"):
            peers.until("the chat says resolved", lambda c=channel: told(c, "RESOLVED"))
            self.assertEqual(len(told(channel, "FIRING")), 1)
            self.assertIn("runbook", told(channel, "FIRING")[0])

    def test_rabbitmq_returns_what_no_queue_takes_counts_it_and_leaves_nothing_behind(self):
        broker = peers.RabbitMQ()
        self.addCleanup(broker.stop)
        broker.start()
        made = broker.api("PUT", "/api/queues/%2F/orders", {"durable": False})
        self.assertEqual(made.status, 201, made.body)
        message = {"properties": {}, "payload": "{}", "payload_encoding": "string"}
        for queue, routed in (("orders", True), ("orders-fd-k3q9x2m7", False)):
            said = broker.api("POST", "/api/exchanges/%2F/amq.default/publish",
                              {**message, "routing_key": queue})
            self.assertEqual(said.json(), {"routed": routed})
        self.assertEqual(broker.api("GET", "/api/queues/%2F/orders-fd-k3q9x2m7").status, 404)
        self.assertRegex(peers.http("GET", broker.metrics + "/metrics").body,
                         r"rabbitmq_global_messages_unroutable_(returned|dropped)_total\{.*\} 1\b")
        groups = [process.pid for process in broker.processes]
        broker.stop()
        peers.until("no process is left", lambda: not [
            line for group, line in running() if group in groups or broker.folder in line])
        self.assertFalse(os.path.exists(broker.folder))


class KilledTest(peers.Case):
    def test_a_test_that_is_killed_leaves_no_process_and_no_file(self):
        script = ("import sys, peers\nbroker = peers.RabbitMQ().start()\n"
                  "print(broker.folder, flush=True)\nsys.stdin.read()\n")
        victim = subprocess.Popen([sys.executable, "-B", "-c", script], cwd=peers.HERE, text=True,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(victim.stdout.close)
        self.addCleanup(victim.stdin.close)
        folder = victim.stdout.readline().strip()
        self.assertTrue(folder)
        self.assertTrue([line for _, line in running() if folder in line])
        victim.kill()
        victim.wait()
        peers.until("no process is left",
                    lambda: not [line for _, line in running() if folder in line])
        peers.until("no file is left", lambda: not os.path.exists(folder))


def running():
    """The process group and the command line of everything that runs on this machine."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                line = file.read().replace("\0", " ")
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                state, _parent, group = file.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if state != "Z":
            yield int(group), line


if __name__ == "__main__":
    peers.need("prometheus", "prometheus-alertmanager", "rabbitmq", "emulate")
    unittest.main(verbosity=2)
