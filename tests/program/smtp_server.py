"""A strict little mail server: what RFC 5321 does not allow is answered with 5xx and remembered.

One connection is one thread.  STARTTLS (RFC 3207), AUTH PLAIN and LOGIN (RFC 4954) when they are asked
for; passwords are refused in the clear, and that they came is remembered.
"""
import base64
import re
import socket
import socketserver
import ssl
import threading

PATH = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>( [A-Z0-9]+(=\S+)?)*$", re.I)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate=None, tls_at_once=False, login=None, refuse=()):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.tls_at_once = tls_at_once
        self.login = login          # (user, password), and nothing without it
        self.refuse = set(refuse)   # addresses
        self.busy = 0               # so many messages are answered with 451
        self.letters = []           # (from, [to], bytes, over TLS?)
        self.mistakes = []          # what no client may do
        self.seen = []              # every line of a client, as it came
        scheme = "smtps" if tls_at_once else "smtp"
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # a client that hangs up had a right to

    def stop(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


class Conversation(socketserver.BaseRequestHandler):
    def handle(self):
        self.tls = False
        self.request.settimeout(30)
        if self.server.tls_at_once:
            self.go_over_to_tls()
        self.file = self.request.makefile("rb")
        self.hello = self.known = False
        self.sender, self.recipients = None, []
        self.say("220 mail.test ESMTP")
        while self.command():
            pass
        self.request.close()

    def say(self, *lines):
        self.request.sendall("".join(line + "\r\n" for line in lines).encode())

    def mistake(self, what, code="500"):
        self.server.mistakes.append(what)
        self.say(f"{code} {what}")

    def line(self):
        line = self.file.readline(1002)
        if not line:
            return None
        self.server.seen.append(line)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2] or len(line) > 1000:
            self.server.mistakes.append(f"a line that is none: {line!r}")
        return line[:-2]

    def go_over_to_tls(self):
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.tls = True

    def command(self):
        line = self.line()
        if line is None:
            return False
        verb, _, rest = line.decode("ascii").partition(" ")
        verb = verb.upper()
        if verb == "QUIT":
            self.say("221 bye")
            return False
        method = {"EHLO": self.ehlo, "HELO": self.ehlo, "STARTTLS": self.starttls,
                  "AUTH": self.auth, "MAIL": self.mail, "RCPT": self.rcpt, "DATA": self.data,
                  "RSET": self.rset, "NOOP": lambda rest: self.say("250 ok")}.get(verb)
        if method is None:
            self.mistake(f"unknown command {verb}")
        else:
            method(rest)
        return True

    def ehlo(self, rest):
        self.hello = bool(rest)
        extensions = ["mail.test", "8BITMIME", "SIZE 1000000"]
        if self.server.context and not self.tls:
            extensions.append("STARTTLS")
        if self.server.login and (self.tls or not self.server.context):
            extensions.append("AUTH PLAIN LOGIN")
        self.say(*[f"250{'-' if i + 1 < len(extensions) else ' '}{e}"
                   for i, e in enumerate(extensions)])

    def starttls(self, rest):
        if not self.server.context or self.tls:
            self.mistake("STARTTLS was not offered", "502")
            return
        self.say("220 go ahead")
        self.go_over_to_tls()
        self.file = self.request.makefile("rb")
        self.hello = self.known = False  # RFC 3207, 4.2: all is forgotten

    def auth(self, rest):
        if not self.tls:
            self.mistake("a password in the clear", "538")
            return
        kind, _, first = rest.partition(" ")
        if kind == "PLAIN":
            if not first:
                self.say("334 ")
                first = self.line().decode()
            user, password = base64.b64decode(first).decode().split("\0")[1:]
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.line()).decode()
        self.known = (user, password) == self.server.login
        self.say("235 welcome" if self.known else "535 authentication failed")

    def mail(self, rest):
        path = PATH.match(rest[5:]) if rest.upper().startswith("FROM:") else None
        if not self.hello or self.sender or not path:
            self.mistake(f"MAIL {rest}", "503")
        elif self.server.login and not self.known:
            self.say("530 authentication required")
        else:
            self.sender = path.group(1)
            self.say("250 ok")

    def rcpt(self, rest):
        path = PATH.match(rest[3:]) if rest.upper().startswith("TO:") else None
        if not self.sender or not path:
            self.mistake(f"RCPT {rest}", "503")
        elif path.group(1) in self.server.refuse:
            self.say("550 no such user")
        else:
            self.recipients.append(path.group(1))
            self.say("250 ok")

    def data(self, rest):
        if not self.recipients:
            self.say("554 no valid recipients")
            return
        self.say("354 end with a dot")
        lines = []
        while (line := self.line()) != b".":
            if line is None:
                return
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.server.busy > 0:
            self.server.busy -= 1
            self.say("451 try again later")
        else:
            self.server.letters.append((self.sender, self.recipients,
                                        b"\r\n".join(lines) + b"\r\n", self.tls))
            self.say("250 taken")
        self.sender, self.recipients = None, []

    def rset(self, rest):
        self.sender, self.recipients = None, []
        self.say("250 ok")
