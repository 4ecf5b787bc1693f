#!/usr/bin/env python3
"""The service as people have it: installed as docs/serve.md says, under a real systemd in a box of its own.
For root on a machine with systemd; not one of the tests that run everywhere.

usage: service_trial.py FIREDRILL FAKE_SERVICES BUILD_FOLDER [PART OF A NAME...]
"""
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile

import small_case
import systemd_box
from small_case import FAULT, FAULT_LEFT, KEY, PASS, TOKEN, UNTOLD, USAGE, Case, Target, until

CONFIG = "/etc/firedrill/firedrill.cfg"
STATE = "/var/lib/firedrill"
DROP_INS = "/etc/systemd/system/firedrill.service.d"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
QUICK = "WatchdogSec=2s\nRestartSec=1s\n"
FAILED = "The last reload failed: see the log"

# What the commands and the copies of services of a fault may do, and may not, as docs/serve.md says.
TRIED = {
    "compile what it runs": (True, "python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7)'"),
    "write to /tmp": (True, "touch /tmp/x"),
    "write to /var/tmp": (True, "touch /var/tmp/x"),
    "write to the state folder": (True, f"touch {STATE}/x"),
    "leave no core": (True, "test $(ulimit -c) = 0"),
    "write elsewhere": (False, "touch /var/log/x"),
    "change the configuration": (False, "touch /etc/firedrill/x"),
    "look into /root": (False, "ls /root"),
    "look at others": (False, "cat /proc/1/comm"),
    "change an owner": (False, "chown firedrill /tmp/x"),
    "choose processors": (False, "taskset -c 0 true"),
    "make namespaces": (False, "unshare -U true"),
}


def documented():
    """The commands under "As a service", but for the first, which cmake does, and the last, which starts it."""
    with open(os.path.join(ROOT, "docs/serve.md"), encoding="utf-8") as file:
        return re.search(r"## As a service\n+```\n(.*?)```", file.read(), re.S).group(1).splitlines()


class Trial(Case):
    box = None

    def setUp(self):
        super().setUp()
        self.box.run("systemctl", "stop", "firedrill")
        self.box.run("systemctl", "kill", "-s", "KILL", "firedrill")
        self.box.run("systemctl", "reset-failed", "firedrill")
        self.folder = self.box.path("/etc/firedrill")
        for place in (self.box.path(STATE), self.box.path(DROP_INS), self.path("scenarios")):
            shutil.rmtree(place, ignore_errors=True)
        os.mkdir(self.path("scenarios"))
        os.mkdir(self.box.path(DROP_INS))
        self.drop_in("")
        self.addCleanup(self.box.run, "systemctl", "stop", "firedrill")
        self.write("environment", f"SLACK_TOKEN={TOKEN}\nKEY={KEY}\nHOOK={self.chat.about['webhooks']['general']}\n")
        self.configure()
        self.scenario()

    def configure(self, more="", **rest):
        super().configure(more='serve = { listen = "127.0.0.1:0"; };\n' + more,
                          **{"state": f"{STATE}/firedrill.db", **rest})

    def drop_in(self, lines):
        with open(self.box.path(f"{DROP_INS}/trial.conf"), "w", encoding="utf-8") as file:
            file.write("[Service]\n" + lines)
        self.must("systemctl", "daemon-reload")

    def must(self, *words, **more):
        done = self.box.run(*words, **more)
        self.assertEqual(done.code, 0, f"{words}: {done}\n{self.log()}")
        return done.out

    def log(self):
        return self.box.run("journalctl", "-u", "firedrill", "-o", "cat", "-n", "40").out

    def says(self, words):
        return words in self.log().rsplit("Starting firedrill", 1)[-1]

    def serve(self):
        self.must("systemctl", "start", "firedrill")

    def show(self, *names):
        return tuple(self.must("systemctl", "show", "-P", name, "firedrill").strip() for name in names)

    def pid(self):
        return self.show("MainPID")[0]

    def processes(self):
        """Those of the service, its guardian and all."""
        return self.box.run("cat", "/sys/fs/cgroup/system.slice/firedrill.service/cgroup.procs").out.split()

    def start_drill(self, user="firedrill"):
        process = self.box.start("firedrill", "run", "bad-queue", "--env", "staging", "--json", user=user)
        self.addCleanup(process.communicate)
        return process

    def hand_in(self, user="firedrill"):
        return systemd_box.Done(self.start_drill(user))

    def assert_pass(self):
        told = self.hand_in()
        self.assertEqual(told.code, PASS, f"{told}\n{self.log()}")
        return told

    def put_fault_in(self, fault=FAULT):
        """In place until somebody puts it right: its alert never comes."""
        self.target.alerts = False
        self.scenario(fault=fault, within="50s", resolved="")
        self.serve()
        drill = self.start_drill()
        until("the fault is in place", lambda: self.target.value != "orders" or drill.poll() is not None)
        self.assertIsNone(drill.poll(), self.log())

    def assert_put_right(self):
        until("it is put right", lambda: self.target.value == "orders")
        until("the ledger says so", self.is_clean)

    def is_clean(self):
        told = self.box.run("firedrill", "status", user="firedrill")
        return told.code == 0 and "no fault is in place" in told.out

    def assert_started_again(self, before):
        until("it runs again", lambda: self.pid() not in ("0", before) and self.show("ActiveState") == ("active",))
        self.assertEqual(self.show("NRestarts"), ("1",), self.log())
        self.target.alerts = True
        self.scenario()
        self.must("systemctl", "reload", "firedrill")
        self.assert_pass()


class Life(Trial):
    def test_it_says_how_it_is_and_its_guardian_ends_with_it(self):
        self.serve()
        told = self.must("systemctl", "status", "firedrill")
        self.assertIn("drills run by hand only", told)
        self.assertEqual(len(self.processes()), 2, told)
        self.must("systemctl", "stop", "firedrill")
        self.assertEqual(self.show("Result", "ActiveState"), ("success", "inactive"), self.log())
        until("nothing is left", lambda: not self.processes())

    def test_drills_by_hand_are_for_its_user_alone(self):
        self.serve()
        self.assertIn("handed to the firedrill that runs", self.assert_pass().err)
        told = self.hand_in("root")
        self.assertEqual(told.code, USAGE, told)
        self.assertIn("run firedrill as that user", told.err)
        self.must("useradd", "-G", "firedrill", "friend")
        self.assertEqual(self.hand_in("friend").code, USAGE)
        self.must("firedrill", "halt", "--reason", "a trial", user="root")
        until("it is halted", lambda: self.says("msg=halted"))
        self.must("firedrill", "resume", user="root")
        until("it goes on", lambda: self.says("msg=resumed"))
        self.assert_pass()

    def test_what_root_looks_at_before_it_has_ever_run_does_not_lock_it_out(self):
        self.write("scenarios/bad-queue.cfg", "nonsense = 1;\n")
        self.assertEqual(self.box.run("systemctl", "start", "firedrill").code, 1)  # makes the folder
        self.scenario()
        self.must("firedrill", "status")
        self.serve()
        self.assert_pass()

    def test_a_reload_fails_for_mistakes_and_the_old_configuration_stays(self):
        self.serve()
        pid = self.pid()
        self.must("systemctl", "reload", "firedrill")
        self.write("scenarios/bad-queue.cfg", "nonsense = 1;\n")
        told = self.box.run("systemctl", "reload", "firedrill")
        self.assertEqual(told.code, 1, told)
        until("its status tells", lambda: self.show("StatusText") == (FAILED,))
        self.assertEqual(self.show("MainPID", "ActiveState"), (pid, "active"))
        self.scenario()
        self.must("systemctl", "reload", "firedrill")
        until("its status tells", lambda: self.show("StatusText") != (FAILED,))
        self.assert_pass()

    def test_mistakes_do_not_start_it_again_and_again(self):
        self.write("scenarios/bad-queue.cfg", "nonsense = 1;\n")
        self.assertEqual(self.box.run("systemctl", "start", "firedrill").code, 1)
        self.assertEqual(self.show("NRestarts", "ExecMainStatus", "ActiveState"), ("0", str(USAGE), "failed"))


class Ends(Trial):
    def test_a_stop_puts_right_what_is_in_place(self):
        self.put_fault_in()
        self.must("systemctl", "stop", "firedrill")
        self.assertEqual((self.target.value, *self.show("Result")), ("orders", "success"), self.log())
        self.assertTrue(self.is_clean())
        until("nothing is left", lambda: not self.processes())

    def test_one_that_hangs_is_ended_and_started_again(self):
        self.drop_in(QUICK)
        self.put_fault_in()
        pid = self.pid()
        self.must("kill", "-STOP", pid)
        self.assert_put_right()
        self.assert_started_again(pid)
        self.assertIn("Watchdog timeout", self.log())

    def test_one_that_is_killed_is_started_again(self):
        self.drop_in(QUICK)
        self.put_fault_in()
        pid = self.pid()
        self.must("kill", "-KILL", pid)
        self.assert_put_right()
        self.assert_started_again(pid)

    def test_one_that_is_killed_with_its_guardian_puts_it_right_when_it_is_there_again(self):
        self.drop_in(QUICK)
        self.put_fault_in()
        pid = self.pid()
        self.must("systemctl", "kill", "-s", "KILL", "firedrill")
        self.assert_put_right()
        self.assert_started_again(pid)

    def test_a_stop_that_takes_too_long_leaves_the_rest_to_the_guardian(self):
        self.drop_in("TimeoutStopSec=2s\n")
        self.put_fault_in()
        self.target.wrong = lambda verb, count: (500, "no") if verb == "PUT" else None
        self.must("systemctl", "stop", "firedrill")
        self.assertEqual(self.show("Result"), ("timeout",))
        told = self.box.run("firedrill", "status", user="firedrill")
        self.assertEqual((told.code, len(self.processes())), (FAULT_LEFT, 1), told)
        self.target.wrong = lambda verb, count: None
        self.assert_put_right()
        until("nothing is left", lambda: not self.processes())

    def test_a_copy_of_a_service_ends_with_the_daemon(self):
        self.scenario(fault="""kind = "missing-env"; via = "process"; hold_at_most = "1m"; unset = [ "X" ];
            command = [ "sh", "-c", "setsid sh -c 'sleep 77' & exit 1" ];""", within="50s", resolved="")
        self.drop_in("Restart=no\n")
        self.serve()
        self.start_drill()
        until("the copy runs", lambda: "sleep 77" in self.must("ps", "ax", "-o", "args"))
        self.must("systemctl", "kill", "-s", "KILL", "--kill-who=main", "firedrill")
        until("nothing is left", lambda: not self.processes())
        self.assertTrue(self.is_clean())

    def test_the_guardian_has_all_that_it_needs_when_the_unit_is_over(self):
        """Credentials to read, a folder for what is temporary."""
        for name, text in (("token", TOKEN), ("key", KEY)):
            self.write(name, text + "\n")
            os.chmod(self.path(name), 0o600)
        self.write("environment", "")
        self.drop_in("Restart=no\nLoadCredential=token:/etc/firedrill/token\nLoadCredential=key:/etc/firedrill/key\n")
        place = "file:/run/credentials/firedrill.service"
        self.configure(token=f"{place}/token")
        set_to = f'curl -sf -X PUT -H "Authorization: $KEY" -d {{}} {self.target.url}/switch'
        see = f"test $(curl -sf {self.target.url}/switch) {{}} orders"
        self.put_fault_in(f"""kind = "bad-queue-name"; via = "exec"; hold_at_most = "1m";
            inject = [ "sh", "-c", "{set_to.format("broken")}" ];  witness = [ "sh", "-c", "{see.format("!=")}" ];
            revert = [ "sh", "-c", "sleep 2; mktemp && mktemp -p /var/tmp && {set_to.format("orders")}" ];
            confirm = [ "sh", "-c", "{see.format("=")}" ];
            environment = {{ KEY = "{place}/key"; }};""".replace('"Authorization: $KEY"', "Authorization:\\\"$KEY\\\""))
        self.must("systemctl", "kill", "-s", "KILL", "--kill-who=main", "firedrill")
        until("the unit is over", lambda: self.show("ActiveState") == ("failed",))
        self.assert_put_right()
        until("nothing is left", lambda: not self.processes())


class Rules(Trial):
    def test_it_is_as_narrow_as_the_page_says(self):
        told = self.must("systemd-analyze", "security", "--no-pager", "firedrill")
        figure = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", told).group(1))
        self.assertLessEqual(figure, 1.5, told)

    def test_tls_with_the_certificates_of_the_machine_and_the_second_path(self):
        target = Target(self.chat)
        self.addCleanup(target.stop)
        key, certificate = self.path("tls.key"), self.box.path("/usr/local/share/ca-certificates/trial.crt")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        self.must("update-ca-certificates")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        target.socket = context.wrap_socket(target.socket, server_side=True)
        self.scenario(fault=FAULT.replace("${api}", f"https://localhost:{target.server_port}"))
        self.configure(more='report = { channel = "#old"; second = { webhook = "env:HOOK"; }; };')
        self.serve()
        told = self.hand_in()
        self.assertEqual((told.code, json.loads(told.out)["verdict"]), (UNTOLD, "pass"), told)
        until("the second path was used", lambda: "Why it comes this way" in "".join(self.chat.texts("general")))

    def test_what_commands_and_copies_may_do(self):
        self.write("try.sh", "\n".join(f"{words} >/dev/null 2>&1 && echo 'may {name}' || echo 'may not {name}'"
                                        for name, (_, words) in TRIED.items()))
        self.drop_in("Type=oneshot\nWatchdogSec=0\nRestart=no\nExecStart=\nExecStart=sh /etc/firedrill/try.sh\n")
        self.serve()
        told = self.log().splitlines()
        for name, (good, _) in TRIED.items():
            self.assertIn(f"may {name}" if good else f"may not {name}", told)


def main():
    systemd_box.enter_network()
    build = sys.argv.pop(3)
    folder = tempfile.mkdtemp(prefix="firedrill-box-")
    box = Trial.box = systemd_box.Box(folder)
    try:
        subprocess.run(["cmake", "--install", build], env={**os.environ, "DESTDIR": box.path("/")},
                       stdout=subprocess.DEVNULL, check=True)
        for line in documented()[1:-1]:
            done = box.run("sh", "-c", line)
            if done.code != 0:
                raise RuntimeError(f"{line}: {done}")
        small_case.AT_ONCE = 1  # there is one service
        return small_case.main()
    finally:
        box.stop()
        os.rmdir(folder)


if __name__ == "__main__":
    sys.exit(main())
