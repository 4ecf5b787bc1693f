#!/usr/bin/env python3
"""Puts known bugs back, one by one, in a copy of the tree: the simulation must find each of them.

Prints a table: the bug, after how many drills it was found, by which promise.  Fails when one is not
found, or when a text to be changed is not there any more: then the list below wants to be kept up.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
COPY = os.path.join(ROOT, "build", "mutants", "tree")
DRILLS = 20000  # after so many it counts as not found
FOLDERS = ("src", "scenarios", "probes", "reports", "fake-services", "tests")

# name, file, what is there, what is put in its place (several: in tuples), the promises that may break
MUTANTS = [
    ("inject before the intent is durable", "src/engine/phases_fault.c",
     "\tif (!ledger_says(drill, FAULT_INJECTING, \"\")) {\n"
     "\t\tevidence->fault_state = FAULT_INTENT;\n\t\treturn;\n\t}\n"
     "\tevidence->inject_tried = true;\n"
     "\tevidence->inject_started_ms = clock_ms();\n"
     "\tdrill->op = drill->driver->inject(drill->world->faults, drill->recipe, on_injected, drill);\n",
     "\tevidence->inject_tried = true;\n"
     "\tevidence->inject_started_ms = clock_ms();\n"
     "\tdrill->op = drill->driver->inject(drill->world->faults, drill->recipe, on_injected, drill);\n"
     "\t(void)ledger_says(drill, FAULT_INJECTING, \"\");\n", "1"),
    ("a ledger that cannot be written is no obstacle", "src/engine/phases_fault.c",
     "\tif (!ledger_says(drill, FAULT_INJECTING, \"\")) {\n"
     "\t\tevidence->fault_state = FAULT_INTENT;\n\t\treturn;\n\t}\n",
     "\t(void)ledger_says(drill, FAULT_INJECTING, \"\");\n"
     "\tevidence->stop = STOP_NONE;\n", "1"),
    ("clean without a confirm", "src/engine/restorer.c",
     "\tif (restorer->driver->confirm == NULL) {\n", "\tif (restorer != NULL) {\n", "1"),
    ("confirm's no is taken for a yes", "src/engine/restorer.c",
     "\t} else if (result->outcome == FAULT_YES) {\n\t\tfinish(restorer, FAULT_CLEAN,",
     "\t} else if (result->outcome != FAULT_CONFLICT) {\n\t\tfinish(restorer, FAULT_CLEAN,", "1"),
    ("no second look for what may land late", "src/engine/restorer.c",
     "restorer->looked_ms < restorer->sure_after_ms", "restorer->looked_ms < 0", "1"),
    ("a later life forgets that an inject may land", "src/engine/settler_work.c",
     "\tif (!work->row.inject_ended) {\n", "\tif (work->row.recipe == NULL) {\n", "1"),
    ("a crash while injecting counts as nothing touched", "src/engine/settler_work.c",
     "\tif (work->row.state == FAULT_INTENT)\n",
     "\tif (work->row.state == FAULT_INTENT || work->row.state == FAULT_INJECTING)\n", "1"),
    ("settled without the lock", "src/engine/settler_work.c",
     "\tcase LOCK_BUSY:\n\t\treturn be_busy(work, \"another firedrill works on it\");\n",
     "\tcase LOCK_BUSY:\n\t\tbreak;\n", "1"),
    ("writes are not synced", "src/store/database.c",
     "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF", "1"),
    ("halt does not refuse new drills", "src/engine/guard_rules.c",
     "\tpasses = !halt.halted;\n", "\tpasses = true;\n", "4"),
    ("halt does not reach what runs", "src/engine/life.c",
     "\tif (!life->drilling)\n", "\tif (life->halted)\n", "4"),
    ("a stop waits for an inject that hangs", "src/engine/phases_fault.c",
     "\tif (drill->op != NULL && drill_is_stopped(drill))\n\t\tcut_off_inject(drill);\n",
     "\tif (drill->op != NULL && drill_is_stopped(drill) && drill->expired)\n"
     "\t\tcut_off_inject(drill);\n", "34"),
    ("leftovers that are being reverted are no obstacle", "src/engine/guard.c",
     "\tif (fault->state == FAULT_STUCK && fault->ack_reason != NULL)\n",
     "\tif ((fault->state == FAULT_STUCK && fault->ack_reason != NULL) ||\n"
     "\t    fault->state == FAULT_REVERTING || fault->state == FAULT_UNCONFIRMED)\n", "4"),
    ("an environment is not locked", "src/engine/drill_locks.c",
     "\tenum lock_result result = lock_environment(drill, error);\n",
     "\tenum lock_result result = LOCK_TAKEN;\n", "4"),
    ("a target is not locked", "src/engine/drill_locks.c",
     "\treturn result == LOCK_TAKEN ? lock_target(drill, error) : result;\n",
     "\treturn result;\n", "14"),
    ("without a guardian all the same", "src/engine/phases_fault.c",
     "\tif (!drill->held)\n\t\tdrill_give_up(drill, STOP_NO_RECORD, error.text);\n\treturn drill->held;\n",
     "\treturn true;\n", "1"),
    ("injected before the message was read back", "src/engine/announcer.c",
     "\t\tif (target->watched && !target->seen)\n",
     "\t\tif (target->watched && target->ts[0] == '\\0')\n", "3"),
    ("a late alert passes", "src/engine/judge.c",
     "\t\tif (finding->latency_ms > wanted->within_ms)\n",
     "\t\tif (finding->latency_ms > 2 * wanted->within_ms)\n", "2"),
    ("blind time does not count", "src/engine/judge.c",
     ("\tif (expect->covered_ms < until_ms)\n", "\tif (expect->blind_ms > 0) {\n"),
     ("\tif (expect->covered_ms < 0)\n", "\tif (expect->blind_ms < 0) {\n"), "2"),
    ("a fault that others took out counts as held", "src/engine/judge.c",
     "\tif (evidence->gone_before_revert && ", "\tif (evidence->fault_text == NULL && ", "2"),
    ("an inject without an answer counts as done", "src/engine/phases_fault.c",
     "\tif (result->outcome == FAULT_UNKNOWN) {\n\t\tnote_unseen_end(drill);\n\t} else {\n",
     "\tif (result->outcome == FAULT_CONFLICT) {\n\t\tnote_unseen_end(drill);\n\t} else {\n", "12"),
    ("stuck does not make exit code 3", "src/engine/life.c",
     "\t\tnote(life, EXIT_FAULT_LEFT);\n\treturn true;\n", "\t\tnote(life, EXIT_GAP);\n\treturn true;\n", "1"),
    ("one that stays settles only once", "src/engine/life_standing.c",
     "\tif (life->standing == NULL && !life->closing)\n",
     "\tif (life->standing == NULL && life->closing)\n", "1"),
    ("one that stays ends at a halt", "src/engine/life.c",
     "halt->by, halt->reason);\n\tif (life->stays)\n",
     "halt->by, halt->reason);\n\tif (life->stays && life->closing)\n", "6"),
    ("real alerts are overlooked", "src/engine/drill_stops.c",
     "\tif (drill->strangers != NULL && strangers_found(drill->strangers) != NULL)\n",
     "\tif (drill->strangers != NULL && drill->driver == NULL)\n", "3"),
    ("the secret is not masked", "src/base/secret.c",
     "\t\tif (len < MASK_MINIMUM)\n", "\t\tif (len >= MASK_MINIMUM)\n", "5"),
]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def copy_file(source, target):
    """Only when it is another one: what did not change is not built again."""
    if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
        shutil.copy(source, target)


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **more)


def copy_tree():
    """The copy as the tree is now; its build folder is kept."""
    for folder in FOLDERS:
        for where, _, names in os.walk(os.path.join(ROOT, folder)):
            target = os.path.join(COPY, os.path.relpath(where, ROOT))
            os.makedirs(target, exist_ok=True)
            for name in names:
                copy_file(os.path.join(where, name), os.path.join(target, name))
    write(os.path.join(COPY, "CMakeLists.txt"),
          read(os.path.join(ROOT, "CMakeLists.txt")).replace("-Werror", "-w"))


def build(jobs):
    folder = os.path.join(COPY, "build")
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        made = run(["cmake", "-S", COPY, "-B", folder, "-G", "Ninja",
                    "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_FLAGS_RELEASE=-O1"])
        if made.returncode != 0:
            sys.exit(made.stdout)
    made = run(["cmake", "--build", folder, "-j", str(jobs), "--target", "sim"])
    if made.returncode != 0:
        sys.exit(made.stdout)
    return os.path.join(folder, "tests", "simulation", "sim")


def simulate(sim, jobs):
    """None, or the promise that was broken, what was said, and after how many drills."""
    for how in (["--drills", str(DRILLS // 8), "--seed", "7"], ["--stories", "--stride", "7"],
                ["--drills", str(DRILLS), "--seed", "8"]):
        done = run([sim, *how, "--jobs", str(jobs)])
        said = re.search(r"^promise (\d) is broken: (.*?)\nreplay it:  (.*?)\n", done.stdout,
                         re.MULTILINE | re.DOTALL)
        drills = re.findall(r"sim: (\d+) drills", done.stdout)
        if said:
            return said[1], said[2], said[3], drills[-1] if drills else "?"
        if done.returncode != 0:
            return "?", done.stdout[-300:], "", "?"
    return None


def try_one(mutant, jobs):
    name, file, old, new, promises = mutant
    path = os.path.join(COPY, file)
    good = bad = read(path)
    for before, after in zip([old], [new]) if isinstance(old, str) else zip(old, new):
        if bad.count(before) != 1:
            print(f"{name}: {file} does not have the text to be changed once", file=sys.stderr)
            return False
        bad = bad.replace(before, after)
    write(path, bad)
    try:
        found = simulate(build(jobs), jobs)
    finally:
        write(path, good)
    if found is None:
        print(f"NOT FOUND    {name}", flush=True)
        return False
    promise, text, replay, drills = found
    right = promise in promises
    text = " ".join(text.split())[:150]
    print(f"{'found' if right else 'WRONG PROMISE':12} {name}\n"
          f"             promise {promise}, after {drills} drills: {text}\n"
          f"             {replay}", flush=True)
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*", help="words of the bugs that are wanted; all")
    options = parser.parse_args()
    copy_tree()
    healthy = simulate(build(options.jobs), options.jobs)
    if healthy is not None:
        sys.exit(f"without any known bug promise {healthy[0]} is broken: {healthy[1]}\n{healthy[2]}")
    print("without any known bug every promise holds", flush=True)
    wanted = [mutant for mutant in MUTANTS
              if not options.names or any(name in mutant[0] for name in options.names)]
    missed = [mutant[0] for mutant in wanted if not try_one(mutant, options.jobs)]
    print(f"{len(wanted) - len(missed)} of {len(wanted)} known bugs were found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
