#!/usr/bin/env python3
"""Writes BUILD/lanes/CTestTestfile.cmake: every lane of tests as one ctest run.

A lane is the same tests in another build or under another tool:
  unit      what build/debug registers, without the tests labelled "peers"
  peers     what build/debug registers with the label "peers": the real thing
  sanitize  what build/asan registers, without "peers"
  valgrind  the C programs of `unit` under valgrind, which sees into libevent, unlike AddressSanitizer
  fuzz      every fuzz target of build/fuzz for a few seconds
A test finds the name of its lane in TEST_LANE, so that a long one can do less where all is slow.

Most of the long tests wait nearly all of the time, so `./dev test` runs SLOTS tests for each
processor; one that computes all of the time takes the place of HEAVY of them.
"""
import argparse
import json
import os
import subprocess
import sys

LANES = ("unit", "sanitize", "valgrind", "fuzz", "peers")
VALGRIND = [
    "valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "--trace-children=no",
    "--child-silent-after-fork=yes",
]
# How many times its TIMEOUT a test may take: enough for a machine that is busy with something else.
PATIENCE = {"unit": 3, "peers": 3, "sanitize": 6, "valgrind": 15}
HEAVY = 2  # of the SLOTS=3 in ./dev
HEAVY_LANES = {"valgrind", "fuzz"}
HEAVY_LABELS = {"simulation"}
NOT_UNDER_VALGRIND = {"peers", "program", "bench", "no-valgrind"}


def registered(folder, prefix=""):
    """The tests of a build folder whose names begin so: name, command and properties of each."""
    shown = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"],
                           check=True, stdout=subprocess.PIPE).stdout
    for test in json.loads(shown)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if properties.get("DISABLED") or not test["name"].startswith(prefix):
            continue
        if "command" not in test:
            sys.exit(f"the program of test {test['name']} in {folder} is not built")
        yield test["name"], test["command"], properties


def is_program_of(folder, command):
    """A compiled program of the build folder, not a script."""
    if not command[0].startswith(folder + os.sep):
        return False
    with open(command[0], "rb") as file:
        return file.read(4) == b"\x7fELF"


def quoted(text):
    return f"[==[{text}]==]"


def written(value):
    """A property's value as CMake reads it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list):
        return quoted(";".join(str(item).replace(";", "\\;") for item in value))
    return quoted(value)


def write_test(out, lane, name, command, properties):
    full = f"{lane}/{name}"
    properties = dict(properties)
    if lane in HEAVY_LANES or HEAVY_LABELS & set(properties.get("LABELS", [])):
        properties["PROCESSORS"] = HEAVY * int(properties.get("PROCESSORS", 1))
    properties["LABELS"] = [lane, *properties.get("LABELS", [])]
    properties["TIMEOUT"] = float(properties.get("TIMEOUT", 60)) * PATIENCE.get(lane, 1)
    properties["ENVIRONMENT"] = [*properties.get("ENVIRONMENT", []), f"TEST_LANE={lane}"]
    for key in ("DEPENDS", "FIXTURES_SETUP", "FIXTURES_REQUIRED", "FIXTURES_CLEANUP"):
        if key in properties:
            properties[key] = [f"{lane}/{item}" for item in properties[key]]
    out.write(f"add_test({quoted(full)} {' '.join(quoted(word) for word in command)})\n")
    out.write(f"set_tests_properties({quoted(full)} PROPERTIES")
    for key, value in properties.items():
        out.write(f"\n\t{key} {written(value)}")
    out.write(")\n")


def write_lanes(out, lanes, build, seconds):
    debug, sanitize, fuzz = (os.path.join(build, name) for name in ("debug", "asan", "fuzz"))
    count = dict.fromkeys(lanes, 0)

    def add(lane, name, command, properties):
        write_test(out, lane, name, command, properties)
        count[lane] += 1

    if {"unit", "peers", "valgrind"} & set(lanes):
        for name, command, properties in registered(debug):
            labels = set(properties.get("LABELS", []))
            lane = "peers" if "peers" in labels else "unit"
            if lane in lanes:
                add(lane, name, command, properties)
            if "valgrind" in lanes and is_program_of(debug, command) \
                    and not labels & NOT_UNDER_VALGRIND:
                add("valgrind", name, VALGRIND + command, properties)
    if "sanitize" in lanes:
        for name, command, properties in registered(sanitize):
            if "peers" not in properties.get("LABELS", []):
                add("sanitize", name, command, properties)
    if "fuzz" in lanes:
        for name, command, properties in registered(fuzz, "fuzz_"):
            command = [f"-max_total_time={seconds}" if word.startswith("-max_total_time=") else word
                       for word in command]
            add("fuzz", name, command, {**properties, "TIMEOUT": seconds + 120})
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lanes", default=",".join(LANES), help="some of " + ", ".join(LANES))
    parser.add_argument("--fuzz-seconds", type=int, default=5)
    parser.add_argument("build", help="the folder of the build folders")
    options = parser.parse_args()
    lanes = options.lanes.split(",")
    unknown = sorted(set(lanes) - set(LANES))
    if unknown:
        sys.exit(f"there is no lane {unknown[0]!r}: {', '.join(LANES)}")
    build = os.path.abspath(options.build)
    folder = os.path.join(build, "lanes")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "CTestTestfile.cmake"), "w", encoding="utf-8") as out:
        count = write_lanes(out, lanes, build, options.fuzz_seconds)
    print("lanes:", ", ".join(f"{lane} {number}" for lane, number in count.items()),
          file=sys.stderr)
    empty = [lane for lane, number in count.items() if number == 0]
    if empty:
        sys.exit(f"no test in lane {', '.join(empty)}: that cannot be right")


if __name__ == "__main__":
    main()
