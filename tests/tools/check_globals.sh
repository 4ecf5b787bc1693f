#!/usr/bin/env bash
# No mutable globals: nothing of ours in .data or .bss.  Usage: check_globals.sh BUILD-FOLDER
# Constant tables with pointers land in .data.rel.ro of a position-independent program and are fine.
set -euo pipefail
build=$1

objects=$(find "$build/src" "$build/scenarios" "$build/probes" "$build/reports" "$build/fake-services" \
	-name '*.c.o' | sort)
[ -n "$objects" ] || { echo "$build: there are no objects to look at"; exit 1; }
status=0
for object in $objects; do
	found=$(nm --format=sysv "$object" | awk -F'|' '
		{ gsub(/ /, "", $1); gsub(/ /, "", $4); gsub(/ /, "", $7) }
		$4 == "OBJECT" && $7 ~ /^(\*COM\*|\.t?(data|bss)(\.|$))/ && $7 !~ /^\.data\.rel\.ro/ {
			print $1 " in " $7 }')
	if [ -n "$found" ]; then
		while read -r line; do echo "${object#"$build"/}: mutable global $line"; done <<<"$found"
		status=1
	fi
done
exit $status
