#!/usr/bin/env bash
# Every header compiles alone, as C11.  Usage: check_headers.sh [ROOT]
set -euo pipefail
cd "${1:-.}"
read -ra flags <<<"$(pkg-config --cflags libevent libcjson libconfig sqlite3 librabbitmq libcurl cmocka)"

status=0
while read -r header; do
	gcc -std=c11 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -D_GNU_SOURCE -I. "${flags[@]}" \
		-x c - <<<"#include \"$header\"
struct check_headers_is_not_empty;" || { echo "$header: does not compile alone"; status=1; }
	grep -q '^#ifndef [A-Z_0-9]*_H$' "$header" || { echo "$header:1: has no include guard"; status=1; }
done < <(find src scenarios probes reports fake-services tests -name '*.h' | sort)
exit $status
