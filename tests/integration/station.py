"""A station of an alert pipeline as bad as they come: a small server that answers as it is told."""
import http.server
import json
import threading

RULES = {"status": "success", "data": {"groups": [{"name": "orders", "interval": 15, "rules": [
    {"type": "alerting", "name": "OrdersQueueMissing", "query": "orders_up == 0", "duration": 15,
     "state": "inactive", "health": "ok", "labels": {}, "annotations": {}, "alerts": []}]}]}}
PROMETHEUS = {
    "/api/v1/rules": RULES,
    "/api/v1/targets": {"status": "success", "data": {"activeTargets": [
        {"labels": {"job": "orders", "instance": "a"}, "health": "up", "lastError": ""}]}},
    "/api/v1/alertmanagers": {"status": "success", "data": {
        "activeAlertmanagers": [{"url": "http://am/api/v2/alerts"}], "droppedAlertmanagers": []}},
    "/api/v1/query": {"status": "success", "data": {"resultType": "vector", "result": []}},
    "/metrics": "prometheus_notifications_sent_total{alertmanager=\"am\"} 0\n",
}
CONFIG = """\
route: { receiver: team, group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
- name: team
  slack_configs: [ { send_resolved: true, channel: ops } ]
"""


def alertmanager(config=CONFIG, alerts=(), version="0.25.0"):
    return {
        "/api/v2/alerts": list(alerts),
        "/api/v2/status": {"cluster": {"status": "disabled", "peers": []},
                           "versionInfo": {"version": version},
                           "uptime": "2026-01-01T00:00:00Z", "config": {"original": config}},
        "/api/v2/silences": [],
        "/metrics": "alertmanager_alerts_received_total{status=\"firing\",version=\"v2\"} 0\n",
    }


class Station(http.server.ThreadingHTTPServer):
    """Answers each path (its longest beginning) with JSON or text; `wrong` does something else."""

    daemon_threads = True

    def __init__(self, answers, wrong=None):
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers, self.wrong = answers, wrong
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked, self.sent = [], 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # whoever hung up had a right to

    def stop(self):
        self.over.set()
        self.shutdown()
        self.server_close()
        self.thread.join()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(self.path)
        if self.server.wrong and self.server.wrong(self):
            return
        for path in sorted(self.server.answers, key=len, reverse=True):
            if self.path.startswith(path):
                found = self.server.answers[path]
                text = found if isinstance(found, str) else json.dumps(found)
                self.say(200, text, "text/plain" if isinstance(found, str) else "application/json")
                return
        self.say(404, "404 page not found")

    do_POST = do_GET

    def say(self, status, text, kind="text/plain"):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


# ---- what may be wrong

def page(handler):
    handler.say(200, "<!DOCTYPE html><title>Sign in</title><script>alert(1)</script>", "text/html")
    return True


def ill(handler):
    handler.say(500, "out of memory")
    return True


def hangs(handler):
    handler.server.over.wait()
    handler.close_connection = True
    return True


def breaks_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b'{"status":"success","data":{"groups":[')
    handler.close_connection = True
    return True


def endless(handler):
    """One GiB of what begins like an answer; how long it will be is not said."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    part = b'{"name":"x","query":"up == 0","state":"inactive","health":"ok"},' * 1024
    handler.wfile.write(b'{"status":"success","data":{"groups":[{"name":"g","rules":[')
    try:
        while handler.server.sent < 1 << 30:
            handler.wfile.write(part)
            handler.server.sent += len(part)
    except OSError:
        handler.close_connection = True
    return True


def wants(header, value):
    """Answers nobody who does not send this header."""
    def wrong(handler):
        if handler.headers.get(header) == value:
            return False
        handler.say(401, "Unauthorized")
        return True
    return wrong
