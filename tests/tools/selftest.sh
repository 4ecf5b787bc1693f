#!/usr/bin/env bash
# Proves that the checks can fail: a violation is planted in a small tree for each rule.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
status=0

# A small tree that every check is content with.
fresh() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/{src/{base,engine,store,program},scenarios,probes/{chats,faults},reports,fake-services,tests/base}
	printf '/* A header. */\n#ifndef BASE_A_H\n#define BASE_A_H\nint a(void);\n#endif\n' >"$tree/src/base/a.h"
	printf '/* A file. */\n#include "src/base/a.h"\n#include <stdio.h>\n' >"$tree/src/base/a.c"
	printf '/* The drill. */\n#include "src/base/a.h"\nvoid enter(int *phase);\n' >"$tree/src/engine/drill.c"
	printf '/* Reads. */\n#include <cjson/cJSON.h>\n' >"$tree/probes/chats/slack.c"
	printf '/* A test. */\n#include <cmocka.h>\n' >"$tree/tests/base/test_a.c"
	printf '#!/usr/bin/env python3\n' >"$tree/tests/base/t.py"
}

run() { # CHECK -> its findings; never fails itself
	if "$tools/check_$1.sh" "$tree" 2>&1; then echo "(content)"; fi
}

content() { # CHECK
	fresh
	local found
	found=$(run "$1")
	[ "$found" = "(content)" ] || { echo "$1 is not content with a good tree: $found"; status=1; }
}

# caught CHECK FILE LINE-OF-CODE EXPECTED: the line, added to the file, must be found
caught() {
	fresh
	printf '%b\n' "$3" >>"$tree/$2"
	local found
	found=$(run "$1")
	grep -qF -- "$4" <<<"$found" || { echo "$1 misses '$3' in $2; it said: $found"; status=1; }
}

content layers
caught layers src/engine/drill.c '#include <curl/curl.h>' 'may not use libcurl'
caught layers src/engine/drill.c '#include <cjson/cJSON.h>' 'may not use cjson'
caught layers src/engine/drill.c '#include <sqlite3.h>' 'may not use sqlite'
caught layers src/engine/drill.c '#include <sys/socket.h>' 'may not include sys/socket.h'
caught layers src/engine/drill.c '  #  include <fcntl.h>' 'may not include fcntl.h'
caught layers src/engine/drill.c '#include <zlib.h>' 'unknown header zlib.h'
caught layers src/base/a.c '#include "src/engine/drill.c"' 'may not include src/engine/drill.c'
caught layers probes/chats/slack.c '#include <curl/curl.h>' 'may not use libcurl'
caught layers probes/chats/slack.c '#include "slack.h"' 'does not exist when seen from the root'
caught layers scenarios/load.c '#include <event2/event.h>' 'may not use libevent'
caught layers reports/json.c '#include "src/base/a.h"\n#include <curl/curl.h>' 'may not use libcurl'

content headers
caught headers src/base/a.h 'size_t b(void);' 'src/base/a.h: does not compile alone'
caught headers src/base/b.h '/* B. */\nint b(void);' 'src/base/b.h:1: has no include guard'

content text
caught text src/base/a.c 'static int f(void) { return printf("x"); }' 'a.c:4: modules below src/program'
caught text src/base/a.c 'fputs("x", stderr);' 'a.c:4: modules below src/program'
caught text src/engine/drill.c 'clock_gettime(0, &t);' 'time is read in src/base/clock.c only'
caught text tests/base/test_a.c 'usleep(10);' 'a test waits for something'
caught text tests/base/t.py 'time.sleep(1)' 't.py:2: a test waits for something'
caught text src/base/a.c 'typedef struct a a;' 'typedef is for function types only'
caught text src/base/a.c 'x = ({ 1; });' 'GNU statement expressions'
caught text src/engine/drill.c 'd->phase = 1;\nd->phase = 2;' 'enter() is the only writer'
caught text src/base/a.c "/* TO""DO later */" 'a left-over mark'
caught text src/base/c.c 'int c;' 'c.c:1: does not open with what it is'
caught text src/base/a.c "$(printf 'int x;\\n%.0s' $(seq 1 600))" '600 is the limit'

# What looks like a violation and is none.
fresh
printf '/* printf( and stderr and sleep( in a comment */\nchar *s = "printf(stderr)";\nint n = snprintf(b, 1, "x");\ntypedef struct a *f(void);\n' >>"$tree/src/base/a.c"
found=$(run text)
[ "$found" = "(content)" ] || { echo "text finds what is none: $found"; status=1; }

# Mutable globals, in a real object; a constant table with pointers is none.
mkdir -p "$tree/build"/{src,scenarios,probes,reports,fake-services}
gcc -c -fPIE -x c -o "$tree/build/src/good.c.o" - <<<'const char *const names[] = {"a", "b"}; static const int n = 3; int f(void); int f(void) { return n; }'
"$tools/check_globals.sh" "$tree/build" || { echo "globals is not content with constants"; status=1; }
gcc -c -fPIE -x c -o "$tree/build/src/bad.c.o" - <<<'int counter; int f(void); int f(void) { static int calls = 1; return calls++ + counter; }'
found=$("$tools/check_globals.sh" "$tree/build" || true)
[ "$(grep -c 'mutable global' <<<"$found")" = 2 ] || { echo "globals misses some: $found"; status=1; }

# A test that failed and then passed is named; one that failed twice, or never, is not.
cat >"$tree/ctest.log" <<-'END'
	1/3 Test  #1: unit/once ...............***Failed    0.01 sec
	    Test  #1: unit/once ...............   Passed    0.01 sec
	2/3 Test #20: unit/never ..............   Passed    0.01 sec
	3/3 Test  #3: unit/twice ..............***Timeout   0.01 sec
	    Test  #3: unit/twice ..............***Failed    0.01 sec
END
found=$("$tools/flaky.sh" "$tree/ctest.log")
[ "$found" = "flaky: unit/once (failed once, then passed): run it until it fails again" ] ||
	{ echo "flaky names: $found"; status=1; }
echo '==1==ERROR: AddressSanitizer: heap-use-after-free' >>"$tree/ctest.log"
! "$tools/flaky.sh" "$tree/ctest.log" >"$tree/said" || { echo "flaky excuses a sanitizer"; status=1; }
printf '1/1 Test #1: fuzz/a ...***Failed 1 sec\n    Test #1: fuzz/a ...   Passed 1 sec\n' >"$tree/ctest.log"
! "$tools/flaky.sh" "$tree/ctest.log" >"$tree/said" || { echo "flaky excuses a fuzzer"; status=1; }

exit $status
