"""A Slack and a service in one small server, written apart from fake-services: for bad input.

The service has one switch, /queue; while it holds anything but "orders" the chat gets an alert, and
a resolved message when it is put right.  What is to go wrong is a field of World.
"""
import http.server
import json
import threading
import time
import urllib.parse

SCOPES = {"chat:write", "channels:read", "channels:history"}
NEEDS = {
    "conversations.list": "channels:read", "conversations.info": "channels:read",
    "users.conversations": "channels:read", "conversations.history": "channels:history",
    "conversations.replies": "channels:history", "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
}


class Refused(Exception):
    """An answer with ok false; more fields of it by name."""

    def __init__(self, code, **more):
        super().__init__(code)
        self.answer = {"ok": False, "error": code, **more}


class World:
    def __init__(self, token="xoxb-integration"):
        self.token = token
        self.scopes = set(SCOPES)
        self.revoked = False
        self.channels = {"ops": {"id": "C00000001"}, "old": {"id": "C00000002", "is_archived": True},
                         "secret": {"id": "C00000003", "is_member": False}}
        self.messages = {channel["id"]: [] for channel in self.channels.values()}
        self.alerts = True       # the service's alerts reach the chat
        self.queue = "orders"
        self.stuck = False       # the switch can be set once and never again
        self.on_queue = None     # called with every new value
        self.on_call = None      # called with every method's name, before it is answered
        self.calls = []
        self.lock = threading.RLock()
        self.last_ts = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.world = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,),
                                       daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # ---- the service

    def set_queue(self, value):
        with self.lock:
            if self.stuck and self.queue != "orders":
                return False
            before, self.queue = self.queue, value
            if self.alerts and before == "orders" and value != "orders":
                self.post("C00000001", text="", attachments=[
                    {"title": f"[FIRING:1] OrdersQueueMissing ({value})", "color": "a30200"}])
            if self.alerts and before != "orders" and value == "orders":
                self.post("C00000001", text="", attachments=[
                    {"title": f"[RESOLVED] OrdersQueueMissing ({before})", "color": "2eb886"}])
        if self.on_queue:
            self.on_queue(value)
        return True

    # ---- the chat

    def post(self, channel, **message):
        with self.lock:
            self.last_ts = max(self.last_ts + 1, time.time_ns() // 1000)
            ts = f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06d}"
            self.messages[channel].append({"type": "message", "ts": ts, "bot_id": "B1", **message})
            return self.messages[channel][-1]

    def call(self, method, token, ask):
        self.calls.append(method)
        if self.on_call:
            self.on_call(method)
        with self.lock:
            try:
                self.authorize(method, token)
                answer = getattr(self, method.replace(".", "_").lower(), None)
                if answer is None:
                    raise Refused("unknown_method")
                return {"ok": True, **answer(ask)}
            except Refused as refused:
                return refused.answer

    def authorize(self, method, token):
        if token is None:
            raise Refused("not_authed")
        if token != self.token:
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("token_revoked")
        if NEEDS.get(method, next(iter(self.scopes), None)) not in self.scopes:
            raise Refused("missing_scope", needed=NEEDS.get(method, ""),
                          provided=",".join(sorted(self.scopes)))

    def channel_of(self, ask, reading=False):
        for name, channel in self.channels.items():
            if ask.get("channel") in (channel["id"], name, "#" + name):
                if not channel.get("is_member", True):
                    raise Refused("not_in_channel")
                if channel.get("is_archived") and not reading:
                    raise Refused("is_archived")
                return channel["id"]
        raise Refused("channel_not_found")

    def shown(self, name):
        return {"name": name, "is_channel": True, "is_member": True, "is_archived": False,
                "is_private": False, **self.channels[name]}

    def auth_test(self, _ask):
        return {"url": self.url + "/", "team": "Acme", "user": "firedrill", "team_id": "T1",
                "user_id": "U1", "bot_id": "B1"}

    def conversations_list(self, ask):
        hide = ask.get("exclude_archived") in ("true", "1", True)
        return {"channels": [self.shown(name) for name, channel in self.channels.items()
                             if not (hide and channel.get("is_archived"))],
                "response_metadata": {"next_cursor": ""}}

    def users_conversations(self, ask):
        listed = self.conversations_list(ask)
        return {**listed, "channels": [c for c in listed["channels"] if c["is_member"]]}

    def conversations_info(self, ask):
        for name, channel in self.channels.items():
            if ask.get("channel") == channel["id"]:
                return {"channel": self.shown(name)}
        raise Refused("channel_not_found")

    def conversations_history(self, ask):
        messages = self.messages[self.channel_of(ask, reading=True)]
        oldest, latest = (ask.get(key) for key in ("oldest", "latest"))
        inclusive = ask.get("inclusive") in ("true", "1", True)

        def inside(ts):
            number = float(ts)
            return (not oldest or float(oldest) < number or (inclusive and oldest == ts)) and \
                (not latest or number < float(latest) or (inclusive and latest == ts))
        found = [m for m in messages if inside(m["ts"]) and m.get("thread_ts", m["ts"]) == m["ts"]]
        limit = int(ask.get("limit") or 100)
        page = found[:limit] if oldest and not latest else found[-limit:]
        return {"messages": page[::-1], "has_more": len(page) < len(found),
                "response_metadata": {"next_cursor": ""}}

    def conversations_replies(self, ask):
        messages = self.messages[self.channel_of(ask, reading=True)]
        found = [m for m in messages if ask["ts"] in (m["ts"], m.get("thread_ts"))]
        return {"messages": found, "has_more": False}

    def chat_postmessage(self, ask):
        channel = self.channel_of(ask)
        fields = {key: decoded(ask[key]) for key in ("text", "attachments", "blocks", "thread_ts")
                  if ask.get(key)}
        message = self.post(channel, user="U1", **fields)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def chat_update(self, ask):
        channel = self.channel_of(ask)
        for message in self.messages[channel]:
            if message["ts"] == ask["ts"]:
                for key in ("text", "attachments", "blocks"):
                    if key in ask:
                        message[key] = decoded(ask[key])
                message["edited"] = {"user": "U1", "ts": ask["ts"]}
                return {"channel": channel, "ts": ask["ts"], "text": message.get("text", "")}
        raise Refused("message_not_found")

    def chat_getpermalink(self, ask):
        return {"permalink": f"{self.url}/archives/{ask['channel']}/p{ask['message_ts']}"}


def decoded(value):
    """Attachments and blocks come as JSON inside a form."""
    if isinstance(value, str) and value[:1] in "[{":
        return json.loads(value)
    return value


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.handle_any("GET")

    def do_POST(self):
        self.handle_any("POST")

    def do_PUT(self):
        self.handle_any("PUT")

    def handle_any(self, verb):
        world = self.server.world
        path = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # whoever asked died half way: it is no request
        elif path.path == "/queue":
            done = verb == "GET" or world.set_queue(body.decode())
            self.answer(200 if done else 500, world.queue if done else "stuck")
        elif path.path.startswith("/api/"):
            method = path.path.removeprefix("/api/")
            said = world.call(method, self.bearer(), self.arguments(path, body))
            self.answer(200, json.dumps(said), "application/json")
        else:
            self.answer(404, "not found")

    def bearer(self):
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token if kind == "Bearer" else None

    def arguments(self, path, body):
        if "json" in (self.headers.get("Content-Type") or ""):
            return json.loads(body or b"{}")
        form = urllib.parse.parse_qsl(path.query) + urllib.parse.parse_qsl(body.decode())
        return dict(form)

    def answer(self, status, body, kind="text/plain"):
        data = body if isinstance(body, bytes) else body.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the other side went away: its right

    def log_message(self, *_):
        pass
