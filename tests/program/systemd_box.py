"""A real systemd as the first process of a system of its own: namespaces over a copy of this machine that
is thrown away.  For root; nothing of it is left behind, and nothing outside of it is started or changed."""
import os
import signal
import subprocess
import sys

from small_case import PATIENCE_S, until

INSIDE = "FIREDRILL_SYSTEMD_BOX"

# Of this machine it has the files of the root file system, to read; what is written goes to memory.  Of
# its units only those that packages shipped, none that was enabled here.  pivot_root(8), and
# https://systemd.io/CONTAINER_INTERFACE for what the first process of a container expects.
ROOT = r"""
set -eu
box=$1; new=$1/new
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$box"
mkdir "$box/upper" "$box/work" "$new"
mount -t overlay -o "lowerdir=/,upperdir=$box/upper,workdir=$box/work" overlay "$new"
mount -t proc proc "$new/proc"
mount --bind "$new/proc/sys" "$new/proc/sys"
mount -o remount,bind,ro "$new/proc/sys"
mount -t sysfs -o ro sysfs "$new/sys"
mount -t cgroup2 cgroup2 "$new/sys/fs/cgroup"
for folder in dev run etc/systemd/system; do mount -t tmpfs -o mode=755 tmpfs "$new/$folder"; done
mkdir "$new/dev/pts" "$new/dev/shm"
for folder in tmp dev/shm; do mount -t tmpfs -o mode=1777 tmpfs "$new/$folder"; done
for name in null zero full random urandom tty; do
	touch "$new/dev/$name"
	mount --bind "/dev/$name" "$new/dev/$name"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$new/dev/pts"
ln -s pts/ptmx "$new/dev/ptmx"
ln -s /proc/self/fd "$new/dev/fd"
ln -s /dev/null "$new/etc/systemd/system/console-getty.service"
: >"$new/etc/machine-id"
hostname box
mkdir "$new/before"
cd "$new"
pivot_root . before
umount -l /before
mount --make-rshared /
exec env -i container=firedrill-box PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	/lib/systemd/systemd --system --unit=multi-user.target
"""


def enter_network():
    """This very script again, in a network of its own: only its loopback is there, and systemd brings it up."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, "-B", *sys.argv])


def cgroups():
    """Where the one tree of control groups is mounted."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        places = [line.split()[1] for line in file if line.split()[2] == "cgroup2"]
    if not places:
        raise RuntimeError("cgroup2 is not mounted here: systemd needs it")
    return places[0]


class Box:
    def __init__(self, folder):
        self.group = os.path.join(cgroups(), f"firedrill-box-{os.getpid()}")
        os.mkdir(self.group)
        words = ["unshare", "--pid", "--fork", "--kill-child", "--mount", "--uts", "--ipc", "--cgroup",
                 "sh", "-c", ROOT, "box", folder]
        self.outer = subprocess.Popen(
            ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', self.group, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.first = 0
        try:
            until("systemd has started", self.is_up)
        except BaseException:
            self.stop()
            raise

    def is_up(self):
        if self.outer.poll() is not None:
            raise RuntimeError("no systemd can be started here; root is needed, and overlayfs")
        pid = self.outer.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = file.read().split()
        if len(children) != 1:
            return False
        self.first = int(children[0])
        with open(f"/proc/{self.first}/comm", encoding="utf-8") as file:
            if file.read() != "systemd\n":
                return False
        return self.run("systemctl", "is-system-running").out.strip() in ("running", "degraded")

    def path(self, inside):
        return f"/proc/{self.first}/root{inside}"

    def start(self, *words, user=None):
        as_user = ["runuser", "-u", user, "--"] if user else []
        return subprocess.Popen(
            ["nsenter", "-t", str(self.first), "-m", "-u", "-i", "-p", "-C", "--", *as_user, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd="/", env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "NO_COLOR": "1",
                          "SYSTEMD_PAGER": ""})

    def run(self, *words, user=None):
        return Done(self.start(*words, user=user))

    def stop(self):
        self.outer.kill()
        self.outer.wait()
        until("its processes are gone", self.is_empty)
        for folder, _, _ in os.walk(self.group, topdown=False):
            os.rmdir(folder)

    def is_empty(self):
        with open(os.path.join(self.group, "cgroup.events"), encoding="ascii") as file:
            return "populated 0" in file.read()


class Done:
    def __init__(self, process):
        try:
            self.out, self.err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            self.out, self.err = process.communicate()
        self.code = process.returncode

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"
