#!/usr/bin/env bash
# Names the tests that failed and then passed, in what `ctest --repeat until-pass:2` printed.
# usage: flaky.sh LOG      prints nothing, or "flaky: NAME (failed once, then passed)" for each
set -euo pipefail

awk '
	match($0, /Test +#[0-9]+: [^ ]+/) {
		name = substr($0, RSTART, RLENGTH)
		sub(/^Test +#[0-9]+: /, "", name)
		if ($0 ~ /\*\*\*/) failed[name] = 1
		else if ($0 ~ / Passed /) passed[name] = 1
	}
	END {
		for (name in failed)
			if (name in passed)
				print "flaky: " name " (failed once, then passed): run it until it fails again"
	}
' "$1"
