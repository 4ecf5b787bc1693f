#!/usr/bin/env python3
"""Runs clang-tidy over what a compile_commands.json has, several files at a time: over the tests, or
over everything but the tests, which take as long again and break nobody's production.

usage: tidy.py BUILD JOBS tests|sources

A file whose preprocessed text has not changed since it was last found clean, by the
same checks, is not looked at again: BUILD/tidy/ holds a hash for each clean file.
"""
import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys


def fingerprint(entry, config):
    """What clang-tidy sees of a file: its text with all headers, its flags and the checks."""
    command = shlex.split(entry["command"])
    command = command[:command.index("-o")]
    preprocessed = subprocess.run([*command, "-E", entry["file"]], cwd=entry["directory"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return hashlib.sha256(" ".join(command).encode() + config + preprocessed.stdout).hexdigest()


def look(entry, build, config):
    """The findings of one file as text, "" when it is clean."""
    stamp = os.path.join(build, "tidy", entry["file"].strip("/").replace("/", "+"))
    now = fingerprint(entry, config)
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as file:
            if file.read() == now:
                return ""
    tidy = subprocess.run(["clang-tidy", "-p", build, "--quiet", entry["file"]],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if tidy.returncode != 0:
        return tidy.stdout or tidy.stderr
    with open(stamp, "w", encoding="ascii") as file:
        file.write(now)
    return ""


def main():
    build, jobs = sys.argv[1], int(sys.argv[2])
    os.makedirs(os.path.join(build, "tidy"), exist_ok=True)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {entry["file"]: entry for entry in json.load(file)
                   if os.path.relpath(entry["file"]).startswith("tests" + os.sep)
                   == (sys.argv[3] == "tests")}
    if not entries:
        sys.exit("compile_commands.json is empty")
    config = b""
    for name in (".clang-tidy", "tests/.clang-tidy"):
        with open(name, "rb") as file:
            config += file.read()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        found = [text for text in pool.map(lambda e: look(e, build, config), entries.values())
                 if text]
    for text in found:
        print(text.strip())
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
