#!/usr/bin/env python3
"""The crash matrix: every fault driver, every phase, every signal, to firedrill, to its guardian and
to both at once.  Afterwards nothing of the fault is left: not in the target, not in the ledger, not
among the processes, not as a message that says "running".

Without arguments every driver, phase and victim meet SIGKILL and one of the gentle signals, which take
turns, in one position:
    --all              with every signal; that is `./dev crash`
    --positions both   at the beginning of the phase and in the middle of it
    --only PATTERN     such as http:watch:KILL:main:midway, or canary:*; may be repeated
    --jobs N           cases at the same time
"""
import argparse
import concurrent.futures
import fnmatch
import os
import sys
import time

import crash_case
import crash_drivers
import crash_world
import peers

TRIES = 24  # for a signal to arrive midway


def positions_of(room, phase, index, wanted):
    """Where in the phase the signal is to arrive: the cases take turns."""
    if phase not in room.slow:
        return ["entry"]
    if wanted == "both":
        return room.positions
    return [room.positions[index % len(room.positions)]]


def signals_of(turn, everyone):
    """SIGKILL, of which nothing can be caught, and one of the others."""
    gentle = [number for number in crash_case.SIGNALS if number != "KILL"]
    return crash_case.SIGNALS if everyone else ["KILL", gentle[turn % len(gentle)]]


def all_cases(wanted, everyone):
    cases = []
    for driver, room in crash_drivers.ROOMS.items():
        for phase in room.phases:
            for victim in crash_case.VICTIMS:
                turn = len(cases) // 2 + room.phases.index(phase)
                for number in signals_of(turn, everyone):
                    index = len(cases) + room.phases.index(phase)
                    cases += [crash_case.Case(driver, phase, number, victim, position)
                              for position in positions_of(room, phase, index, wanted)]
    return cases


def play(case, broker, keep):
    """Runs the case; a failure of the test itself counts as a leftover, too."""
    for count in range(TRIES):
        try:
            case.run(broker, keep, count)
            return case
        except crash_case.Missed:
            continue
        except Exception as error:  # whatever it is, the other cases go on
            case.found.append(f"{type(error).__name__}: {error}")
            return case
    case.found.append(f"the signal did not arrive in {case.phase} in {TRIES} tries")
    return case


def show_table(cases):
    """A row for each driver and phase, a column for each victim and signal: leftovers."""
    cell = {}
    for case in cases:
        key = (case.driver, case.phase, case.victim, case.signal)
        cell[key] = cell.get(key, 0) + len(case.found)
    print("leftovers" + " " * 13 +
          "".join(f"{victim:^20}" for victim in crash_case.VICTIMS))
    print(" " * 22 + "".join(f"{number:>5}" for _ in crash_case.VICTIMS
                             for number in crash_case.SIGNALS))
    for driver, room in crash_drivers.ROOMS.items():
        for phase in room.phases:
            row = [cell.get((driver, phase, victim, number)) for victim in crash_case.VICTIMS
                   for number in crash_case.SIGNALS]
            if any(count is not None for count in row):
                print(f"{driver:<10}{phase:<12}" +
                      "".join(f"{'-' if count is None else count:>5}" for count in row))


def show_failure(case):
    print(f"\nFAILED {case.name} after {case.seconds:.1f} s")
    for line in case.found:
        print("  " + line)
    print(f"  again, alone: python3 -B {os.path.relpath(__file__)} --only {case.name}")
    print("\n".join(case.notes), flush=True)


def show_summary(cases, seconds):
    failed = [case for case in cases if case.found]
    midway = sum(case.position == "midway" for case in cases)
    settled = [case.settle_s for case in cases if case.settle_s is not None]
    print(f"\ncrash matrix: {len(cases)} cases, {midway} of them midway in a phase; "
          f"{sum(len(case.found) for case in cases)} leftovers in {len(failed)} cases; "
          f"{seconds:.0f} s\n"
          f"a fault stayed for {max(settled, default=0):.1f} s at most after a SIGKILL of firedrill; "
          f"with the guardian dead, too, it was there in {sum(case.was_left for case in cases)} cases "
          "until the next run")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="PATTERN")
    parser.add_argument("--positions", choices=["one", "both"], default="one")
    parser.add_argument("--all", action="store_true", help="every signal")
    parser.add_argument("--jobs", type=int, default=14)
    parser.add_argument("--keep", action="store_true", help="keep the folders of the cases")
    options = parser.parse_args()
    cases = all_cases("both" if options.only else options.positions,
                      options.all or options.only)
    if options.only:
        cases = [case for case in cases if any(
            fnmatch.fnmatch(case.name, pattern) or case.name.startswith(pattern + ":")
            for pattern in options.only)]
    if not cases:
        sys.exit("there is no such case")
    # Those that take longest first: a fault that may still land is watched for a while.
    cases.sort(key=lambda case: case.phase != "inject")
    broker, begun = crash_world.Broker(), time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case in pool.map(lambda case: play(case, broker, options.keep), cases):
            if case.found:
                show_failure(case)
            elif options.keep:
                print(f"{case.name} {case.seconds:.1f} s, see {case.folder}")
    broker.stop()
    show_table(cases)
    show_summary(cases, time.monotonic() - begun)
    sys.exit(any(case.found for case in cases))


if __name__ == "__main__":
    peers.need()
    main()
