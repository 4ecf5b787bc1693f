#!/usr/bin/env bash
# Who may include what.  Usage: check_layers.sh [ROOT]; prints "FILE:LINE: why" and fails.
#
# One row for a folder or a group of files: our own headers it may include, the third-party
# libraries it may use, and system headers that would break its promise.  The last row that
# matches a file counts.  "*" allows everything, "-" nothing.
set -euo pipefail
cd "${1:-.}"

layers='
# files                     ours                                           libraries                    no system header
src/base/                   src/base/                                      -                            sys/socket.h
scenarios/                  scenarios/,src/base/,src/calendar/             libconfig                    sys/socket.h
src/calendar/               src/calendar/,src/base/                        libical                      sys/socket.h
src/engine/                 src/engine/,scenarios/,src/base/,probes/chats/channel.h,probes/chats/chat.h,probes/chats/webhook.h,probes/faults/fault.h,probes/conditions/condition.h,probes/hops/hop.h,src/store/ledger.h,src/store/messages.h,src/store/locks.h,src/store/freeze.h,src/calendar/ libevent sys/,fcntl.h,unistd.h,dirent.h,netdb.h,netinet/,arpa/,signal.h,poll.h
src/engine/planner          src/engine/planner,src/calendar/schedule.h,src/base/ libevent sys/socket.h,sys/stat.h,fcntl.h,unistd.h,netdb.h,netinet/,arpa/,signal.h,poll.h
src/engine/session          src/engine/session.h,src/engine/drill.h,src/engine/busy.h,src/base/ libevent sys/socket.h,sys/stat.h,fcntl.h,unistd.h,netdb.h,netinet/,arpa/,signal.h,poll.h
probes/                     probes/,scenarios/,src/base/                   libevent,cjson               -
probes/http                 probes/http,src/base/                          libevent,libcurl             -
probes/mail                 probes/mail.h,probes/http_multi.h,scenarios/,src/base/ libevent,libcurl       -
probes/child                probes/child,src/base/                         libevent                     -
probes/conditions/          probes/http.h,probes/conditions/,probes/faults/call.h,probes/faults/text.h,scenarios/,src/base/ libevent,cjson sys/socket.h
probes/alarm                probes/alarm.h,probes/http.h,probes/child.h,scenarios/,src/base/ libevent,cjson sys/socket.h
probes/hops/                probes/http.h,probes/hops/,probes/faults/call.h,probes/faults/text.h,scenarios/,src/base/ libevent,cjson sys/socket.h
probes/chats/               probes/http.h,probes/chats/,scenarios/,src/base/ libevent,cjson sys/socket.h
probes/chats/channel        probes/chats/channel,probes/chats/chat.h,src/base/ libevent sys/socket.h
probes/faults/              probes/http.h,probes/child.h,probes/faults/,scenarios/,src/base/ libevent,cjson -
src/store/                  src/store/,src/base/                           sqlite                       sys/socket.h
reports/                    reports/,src/engine/record.h,src/engine/evidence.h,src/engine/judge.h,src/engine/bisect.h,scenarios/,src/base/,probes/chats/chat.h cjson sys/socket.h
reports/settled             reports/,src/engine/settler.h,src/base/,probes/chats/chat.h - sys/socket.h
reports/past                reports/,src/store/history.h,src/engine/record.h,scenarios/,src/base/ cjson sys/socket.h
reports/period              reports/,src/store/history.h,scenarios/,src/base/ cjson sys/socket.h
reports/junit               reports/,scenarios/,src/base/                  cjson                        sys/socket.h
reports/terminal            reports/,src/engine/record.h,scenarios/,src/base/ libevent sys/socket.h
reports/page/               reports/page/,reports/coverage.h,reports/plain.h,reports/phrases.h,src/base/,src/calendar/zone.h cjson sys/socket.h
src/program/                src/,scenarios/,probes/,reports/               libevent,libcurl             -
src/program/mini_world      src/,scenarios/,probes/,reports/               libevent,cjson               -
src/program/serve/digest     src/,scenarios/,probes/,reports/               libevent,cjson               -
src/program/verb_demo       src/,scenarios/,probes/,reports/               libevent,cjson               -
src/program/self_test       src/,scenarios/,probes/,reports/               libevent,cjson               -
fake-services/              fake-services/,src/base/                       libevent,cjson,librabbitmq   -
tests/                      *                                              *                            -
'

# Which library a header belongs to; whatever is neither here nor in the C library is refused.
libraries='
event2/      libevent
curl/        libcurl
cjson/       cjson
libconfig.h  libconfig
sqlite3.h    sqlite
amqp         librabbitmq
rabbitmq-c/  librabbitmq
libical/     libical
cmocka.h     cmocka
'
system_headers=' assert.h ctype.h dirent.h errno.h fcntl.h fenv.h float.h glob.h inttypes.h limits.h
 locale.h math.h netdb.h poll.h pthread.h pwd.h sched.h setjmp.h signal.h spawn.h stdalign.h
 langinfo.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h strings.h
 ifaddrs.h sysexits.h syslog.h termios.h threads.h time.h unistd.h wchar.h wctype.h getopt.h
 byteswap.h dlfcn.h endian.h err.h execinfo.h fnmatch.h ftw.h grp.h iconv.h libgen.h link.h malloc.h mntent.h
 nl_types.h pty.h regex.h search.h semaphore.h uchar.h ucontext.h utime.h wordexp.h '

find src scenarios probes reports fake-services tests -name '*.[ch]' | sort |
	xargs grep -nE '^[[:space:]]*#[[:space:]]*include' |
	awk -v layers="$layers" -v libraries="$libraries" -v system_headers="$system_headers" '
function starts(text, prefix) { return substr(text, 1, length(prefix)) == prefix }
function allowed(text, list,    parts, n, i) {
	if (list == "*") return 1
	n = split(list, parts, ",")
	for (i = 1; i <= n; i++) if (starts(text, parts[i])) return 1
	return 0
}
function finding(text) { print where ": " text; bad = 1 }
function library_of(header,    i) {
	for (i = 1; i <= library_count; i++) if (starts(header, prefix[i])) return library[i]
	return ""
}
BEGIN {
	n = split(layers, rows, "\n")
	for (i = 1; i <= n; i++) {
		if (rows[i] == "" || starts(rows[i], "#")) continue
		split(rows[i], cell, " +"); row_count++
		files[row_count] = cell[1]; ours[row_count] = cell[2]
		third[row_count] = cell[3]; never[row_count] = cell[4]
	}
	n = split(libraries, rows, "\n")
	for (i = 1; i <= n; i++) {
		if (rows[i] == "") continue
		split(rows[i], cell, " +"); library_count++
		prefix[library_count] = cell[1]; library[library_count] = cell[2]
	}
	gsub("\n", " ", system_headers)
}
{
	split($0, at, ":"); file = at[1]; where = at[1] ":" at[2]
	row = 0
	for (i = 1; i <= row_count; i++) if (starts(file, files[i])) row = i
	if (!row) { finding("no row of the table covers this file"); next }
	if (match($0, /"[^"]*"/)) {
		header = substr($0, RSTART + 1, RLENGTH - 2)
		if (system("test -f \"" header "\""))
			finding("\"" header "\" does not exist when seen from the root of the tree")
		else if (!allowed(header, ours[row]))
			finding(files[row] " may not include " header)
	} else if (match($0, /<[^>]*>/)) {
		header = substr($0, RSTART + 1, RLENGTH - 2)
		name = library_of(header)
		if (name != "") {
			if (!allowed(name, third[row])) finding(files[row] " may not use " name " (" header ")")
		} else if (header !~ /^(sys|netinet|arpa|net|linux)\// && !index(system_headers, " " header " ")) {
			finding("unknown header " header ": name its library in check_layers.sh")
		} else if (never[row] != "-" && allowed(header, never[row])) {
			finding(files[row] " may not include " header)
		}
	} else finding("an include that cannot be read")
}
END { exit bad }'
