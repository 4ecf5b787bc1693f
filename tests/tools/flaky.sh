#!/usr/bin/env bash
# Names the tests that failed and then passed, in what `ctest --repeat until-pass:2` printed.
# usage: flaky.sh LOG      prints nothing, or "flaky: NAME (failed once, then passed)" for each
# Exit code 1 when one of them may not be excused: what a fuzzer found, or a sanitizer of the memory, is
# there, whether it is found again or not (leaks are not meant: they follow every failed assertion).
set -euo pipefail

awk '
	match($0, /Test +#[0-9]+: [^ ]+/) {
		name = substr($0, RSTART, RLENGTH)
		sub(/^Test +#[0-9]+: /, "", name)
		if ($0 ~ /\*\*\*/) failed[name] = 1
		else if ($0 ~ / Passed /) passed[name] = 1
	}
	/ERROR: AddressSanitizer|: runtime error: / { found = 1 }
	END {
		for (name in failed) {
			if (!(name in passed)) continue
			print "flaky: " name " (failed once, then passed): run it until it fails again"
			if (name ~ /^fuzz\//) found = 1
		}
		if (found) print "not excused: see what was found above"
		exit found
	}
' "$1"
