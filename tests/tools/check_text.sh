#!/usr/bin/env bash
# Rules that a search can check.  Usage: check_text.sh [ROOT]; prints "FILE:LINE: why" and fails.
set -euo pipefail
cd "${1:-.}"
status=0

folders=(src scenarios probes reports fake-services tests)
mapfile -t sources < <(find "${folders[@]}" -name '*.[ch]' | sort)
mapfile -t below_program < <(find src/base src/engine src/store scenarios probes reports -name '*.[ch]' | sort)

# A file's code: comments and the insides of texts are blanked, lines keep their numbers.
code() {
	awk '
	BEGIN { comment = 0 }
	{
		out = ""; text = 0; quote = ""
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1); two = substr($0, i, 2)
			if (comment) { if (two == "*/") { comment = 0; i++ } continue }
			if (text) { if (c == "\\") i++; else if (c == quote) { text = 0; out = out c } continue }
			if (two == "/*") { comment = 1; i++; continue }
			if (two == "//") break
			if (c == "\"" || c == "\x27") { text = 1; quote = c }
			out = out c
		}
		gsub(/format\(printf/, "format(", out) # the attribute does not print
		print out
	}' "$1"
}

# forbid WHY PATTERN FILE...
forbid() {
	local why=$1 pattern=$2 file line
	shift 2
	for file; do
		while IFS=: read -r line _; do
			[ -n "$line" ] || continue
			echo "$file:$line: $why"
			status=1
		done < <(code "$file" | grep -nE "$pattern" || true)
	done
}

without() { # PATTERN FILE... -> the files that do not match
	local pattern=$1
	shift
	printf '%s\n' "$@" | grep -vE "$pattern" || true
}

# A test file may be longer: a flat list of promises is not harder to read for being long.
for file in "${sources[@]}"; do
	lines=$(wc -l <"$file")
	limit=600
	case $file in tests/*/test_*.c) limit=1200 ;; esac
	if [ "$lines" -gt "$limit" ]; then
		echo "$file:$((limit + 1)): $lines lines; $limit is the limit"
		status=1
	fi
	head -n 1 "$file" | grep -q '^/\*' || { echo "$file:1: does not open with what it is"; status=1; }
done

# The alarm's paths are what the system log is for.
mapfile -t files < <(without '^(src/base/mem|probes/alarm)\.c$' "${below_program[@]}")
forbid "modules below src/program return facts, they do not print" \
	'(^|[^a-z_])(v?printf|puts|putchar|perror|v?syslog|stdout|stderr)([^a-z_]|$)' "${files[@]}"

mapfile -t files < <(without '^(src/base/clock\.c$|tests/)' "${sources[@]}")
forbid "time is read in src/base/clock.c only" \
	'(^|[^a-z_])(clock_gettime|gettimeofday|time|clock)[[:space:]]*\(' "${files[@]}"

# The simulation defines these itself, to find who calls them.
mapfile -t files < <(without '^tests/simulation/calls\.c$' "${sources[@]}")
forbid "a test waits for something, it does not sleep" \
	'(^|[^a-z_])(u|nano|clock_nano)?sleep[[:space:]]*\(' "${files[@]}"
forbid "typedef is for function types only" \
	'^[[:space:]]*typedef[[:space:]]+(struct|enum|union)([^a-z_(][^(]*)?$' "${sources[@]}"
forbid "GNU statement expressions are not C11" '\(\{' "${sources[@]}"

# Python: one helper may pause between two looks.
while IFS= read -r hit; do
	echo "$hit: a test waits for something, it does not sleep (peers.until)"
	status=1
done < <(grep -rnE 'time\.sleep|[^_a-z]sleep\(' tests --include='*.py' |
	grep -vE '[a-z_]+\.py:[0-9]+:.*(the pause between two looks|the slowness of this world)' | cut -d: -f1,2 || true)

# One writer of a drill's phase.
writers=$(for file in src/engine/*.c; do
	code "$file" | grep -nE '(->|\.)phase[[:space:]]*=[^=]' | sed "s|^|$file:|"
done || true)
if [ "$(grep -c . <<<"$writers")" -gt 1 ]; then
	cut -d: -f1,2 <<<"$writers" | sed 's/$/: enter() is the only writer of the phase/'
	status=1
fi

# Left-over marks in any text of ours.
marks='(^|[^A-Za-z_])(TO''DO|FIX''ME|X''XX)([^A-Za-z_]|$)'
while IFS= read -r hit; do
	echo "$hit: a left-over mark; do it, or file an issue"
	status=1
done < <(find "${folders[@]}" dev .ci CMakeLists.txt CMakePresets.json ./*.md -type f 2>/dev/null |
	grep -vE '/(node_modules|corpus)/' | xargs grep -nIE "$marks" | cut -d: -f1,2 || true)

exit $status
