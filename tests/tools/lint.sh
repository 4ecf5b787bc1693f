#!/usr/bin/env bash
# All static checks, or those that are named: one line "ok: NAME" each, or the findings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jobs=${jobs:-2}
folders=(src scenarios probes reports fake-services tests)

check_format() {
	find "${folders[@]}" -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
}

# Builds with warnings as errors; -O2 finds more than -O0 does.
check_gcc() { ./dev build debug && ./dev build release; }
check_clang() { ./dev build clang; }

tidy() { # tests|sources
	[ -e build/clang/compile_commands.json ] || ./dev build clang
	tests/tools/tidy.py build/clang "$jobs" "$1"
}
check_tidy() { tidy sources; }
check_tidy-tests() { tidy tests; } # not among `all`: as long again

check_cppcheck() {
	local cache
	# Its own cache does not notice that its settings have changed.
	cache=build/cppcheck/$(cat tests/tools/cppcheck.* tests/tools/lint.sh | sha256sum | cut -c1-16)
	mkdir -p "$cache"
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--library=posix,bsd,tests/tools/cppcheck.cfg --suppressions-list=tests/tools/cppcheck.suppress --error-exitcode=1 \
		--cppcheck-build-dir="$cache" -j "$jobs" -D_GNU_SOURCE -DFIREDRILL_VERSION='"0"' -I. \
		"${folders[@]}"
}

check_layers() { tests/tools/check_layers.sh; }
check_headers() { tests/tools/check_headers.sh; }
check_text() { tests/tools/check_text.sh; }

check_globals() {
	[ -e build/debug/build.ninja ] || ./dev build debug
	tests/tools/check_globals.sh build/debug
}

check_shell() {
	shellcheck dev .ci/run tests/tools/*.sh tests/integration/npm/install
}

check_python() {
	find tests -name '*.py' -not -path '*/node_modules/*' -print0 |
		xargs -0 python3 -W error -c 'import sys
for name in sys.argv[1:]:
    compile(open(name, encoding="utf-8").read(), name, "exec")'
}

check_selftest() { tests/tools/selftest.sh; }

all="format layers headers text shell python gcc clang globals tidy cppcheck selftest"
for name; do
	case " $all tidy-tests " in *" $name "*) ;; *)
		echo "lint: there is no check '$name': $all tidy-tests" >&2
		exit 2
		;;
	esac
done

failed=
if [ $# -eq 0 ]; then
	read -ra names <<<"$all"
	set -- "${names[@]}"
fi
for name; do
	if found=$("check_$name" 2>&1); then
		echo "ok: $name"
	else
		printf '%s\nFAILED: %s\n' "$found" "$name"
		failed="$failed $name"
	fi
done
[ -z "$failed" ] || {
	echo "lint: these checks failed:$failed"
	exit 1
}
