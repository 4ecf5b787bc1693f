"""The world of one case of the crash matrix: fake-services, slow enough that a signal can arrive in
the middle of a phase, and a broker's management API."""
import http.server
import json
import os
import subprocess
import threading
import time

import peers

TOKEN = "xoxb-crash-matrix"
SLOW_MS = 100   # of every answer of the chat
DELAY_MS = 120  # of every answer of the orders API


class World:
    """`fake-services world` in a process of its own; ends with its standard input."""

    def __init__(self, folder, environment):
        self.path = os.path.join(folder, "world.log")
        with open(self.path, "wb") as log:
            self.process = subprocess.Popen(
                [peers.FAKE_SERVICES, "world", "--control", "--tick", "50ms", "--for", "400ms",
                 "--keep", "400ms"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env={**environment, "FAKE_CHAT_TOKEN": TOKEN})
        line = json.loads(self.process.stdout.readline())
        self.chat, self.api = line["chat"], line["staging"]["orders"]
        self.alerting = line["staging"]["alerting"]
        self.slow_down()

    def slow_down(self):
        self.control(self.chat, slow_ms=SLOW_MS)
        self.control(self.api, delay_ms=DELAY_MS)

    def behave(self):
        self.control(self.chat)
        self.control(self.api)

    @staticmethod
    def control(url, **wrong):
        answer = peers.http("PUT", url + "/control/wrong", json.dumps(wrong))
        if answer.status != 200:
            raise AssertionError(f"control: {answer.body}")

    def queue(self):
        return peers.http("GET", self.api + "/admin/queue").body.strip()

    def health(self):
        return peers.http("GET", self.api + "/admin/health").body.strip()

    def log(self):
        with open(self.path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def asked(self):
        """How many requests to change or to read the switches there were."""
        return int(peers.http("GET", self.api + "/control/asked").body)

    def messages(self):
        """All messages of all channels, as the chat's API gives them, each with its channel."""
        found = []
        headers = {"Authorization": "Bearer " + TOKEN}
        listed = peers.http("GET", self.chat + "/api/conversations.list", headers=headers).json()
        for channel in listed["channels"]:
            where = f"{self.chat}/api/conversations.history?limit=200&channel={channel['id']}"
            found += [(channel["name"], message) for message in
                      peers.http("GET", where, headers=headers).json()["messages"]]
        return found

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Broker(http.server.ThreadingHTTPServer):
    """What RabbitMQ's management API answers about a queue that does not exist, a little late."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(("127.0.0.1", 0), BrokerHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # whoever hung up had a right to

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class BrokerHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(404, {"error": "Object Not Found", "reason": "Not Found"})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(200, {"routed": False})

    def answer(self, status, what):
        time.sleep(DELAY_MS / 1000)  # the slowness of this world
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
