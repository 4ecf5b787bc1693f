/* The door of a daemon, from both sides: guests as they should be, and as they should not. The daemon
 * behind it is in this file. */
#include "src/program/serve/door.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/door_wire.h"
#include "tests/reports/make_record.h"
#include "tests/support/loop.h"

#define STOPPED "stopped from the terminal before it was over"

struct world {
	struct event_base *base; /* owned */
	struct event *often;     /* owned; turns the loop, so that the guest is looked at */
	struct door *door;       /* owned */
	struct made *made;       /* owned; the drill */
	char folder[64];
	char *state; /* owned */
	int files;   /* open before anything */
	/* What the daemon was asked. */
	size_t wishes, stops, notes;
	uint64_t guest;
	char names[256], why[256], note[256];
	bool all, allow_protected;
	/* What it answers. */
	size_t drills;
	const char *refusal; /* NULL: none */
};

/* Time is moved by hand: on a slow machine patience does not end in the middle of a test. */
static int64_t ahead_ms;
int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
	return INT64_C(1000000) + ahead_ms;
}

/* Descriptors that are used up. */
static bool no_files;
static int refused_files;
int __real_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
	if (!no_files)
		return __real_accept4(fd, address, len, flags);
	refused_files++;
	errno = EMFILE;
	return -1;
}

int __real_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags);
int __wrap_pipe2(int ends[2], int flags)
{
	if (!no_files)
		return __real_pipe2(ends, flags);
	errno = EMFILE;
	return -1;
}

static int open_files(void)
{
	DIR *files = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(files);
	while (readdir(files) != NULL)
		count++;
	(void)closedir(files);
	return count;
}

static int wait_for(pid_t child)
{
	int status = -1;

	assert_true(child > 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* The daemon. */

static bool on_wish(void *arg, const struct door_wish *wish, size_t *ret_drills,
		    enum exit_code *ret_code, struct error *error)
{
	struct world *world = arg;
	struct buf names = {0};

	world->wishes++;
	world->guest = wish->guest;
	world->all = wish->all;
	world->allow_protected = wish->allow_protected;
	for (size_t i = 0; i < wish->scenario_count; i++)
		buf_addf(&names, "%s,", wish->scenarios[i]);
	buf_adds(&names, "in,");
	for (size_t i = 0; i < wish->environment_count; i++)
		buf_addf(&names, "%s,", wish->environments[i]);
	(void)snprintf(world->names, sizeof world->names, "%s", buf_text(&names));
	buf_done(&names);
	*ret_code = EXIT_REFUSED;
	if (world->refusal != NULL)
		return error_set(error, "%s", world->refusal);
	*ret_drills = world->drills;
	return true;
}

static void on_stop(void *arg, uint64_t guest, const char *why)
{
	struct world *world = arg;

	world->stops++;
	world->guest = guest;
	(void)snprintf(world->why, sizeof world->why, "%s", why);
}

static void on_note(void *arg, const char *text)
{
	struct world *world = arg;

	world->notes++;
	(void)snprintf(world->note, sizeof world->note, "%s", text);
}

static void on_often(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static struct door *open_door(struct world *world, const char *state, struct error *error)
{
	const struct door_hears hears = {
	    .wish = on_wish, .stop = on_stop, .note = on_note, .arg = world};

	struct door *door = door_new(world->base, state, &hears, error);

	if (door != NULL)
		door_loaded(door, "/nowhere/firedrill.cfg", clock_wall_ms());
	return door;
}

static int setup(void **state)
{
	static const struct timeval often = {.tv_usec = 5000};
	struct world *world = mem_zalloc(sizeof *world);
	struct error error;

	ahead_ms = 0;
	no_files = false;
	(void)signal(SIGPIPE, SIG_IGN);
	world->files = open_files();
	(void)strcpy(world->folder, "/tmp/firedrill-door-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	world->state = mem_printf("%s/firedrill.db", world->folder);
	world->base = event_base_new();
	world->often = event_new(world->base, -1, EV_PERSIST, on_often, NULL);
	(void)event_add(world->often, &often);
	world->made = make_running();
	world->drills = 1;
	world->door = open_door(world, world->state, &error);
	assert_non_null(world->door);
	*state = world;
	return 0;
}

/* Whatever happened, no descriptor and no socket is left. */
static int teardown(void **state)
{
	struct world *world = *state;

	door_free(world->door);
	made_free(world->made);
	event_free(world->often);
	event_base_free(world->base);
	assert_int_equal(rmdir(world->folder), 0);
	assert_int_equal(open_files(), world->files);
	free(world->state);
	free(world);
	return 0;
}

/* A guest. */

struct caller {
	struct world *world; /* borrowed */
	int fd;              /* owned */
	struct door_said said;
	enum door_got got;
	bool has_text;
	int view, lines;  /* owned; -1 */
	struct buf shown; /* what came through view */
	struct buf json;
	const char *wanted; /* borrowed; a text that is to be shown */
};

static int reach(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct door_place place;
	struct error error;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), result;

	assert_true(door_place_open(state, &place, &error));
	assert_true(door_place_address(&place, address.sun_path, &error));
	result = connect(fd, (const struct sockaddr *)&address, sizeof address);
	door_place_close(&place);
	assert_int_equal(result, 0);
	return fd;
}

static bool has_packet(void *arg)
{
	struct caller *caller = arg;

	caller->said.takes_pipes = true;
	caller->got = door_receive(caller->fd, &caller->said);
	return caller->got != DOOR_NOTHING;
}

static void await_end(struct caller *caller)
{
	loop_until_true(caller->world->base, has_packet, caller);
	assert_int_equal(caller->got, DOOR_END);
}

static void await_word(struct caller *caller, const char *word)
{
	loop_until_true(caller->world->base, has_packet, caller);
	assert_int_equal(caller->got, DOOR_PACKET);
	assert_string_equal(caller->said.word, word);
}

/* The value of a field of the last packet. Borrowed from it. */
static const char *field(struct caller *caller, const char *wanted)
{
	const char *key, *value;

	while (door_next(&caller->said, &key, &value)) {
		if (strcmp(key, wanted) == 0)
			return value;
	}
	return "";
}

static void come_in(struct world *world, struct caller *ret_caller)
{
	*ret_caller = (struct caller){.world = world, .fd = reach(world->state)};
	ret_caller->view = ret_caller->lines = -1;
	await_word(ret_caller, "hello");
}

static void leave(struct caller *caller)
{
	(void)close(caller->fd);
	if (caller->view >= 0)
		(void)close(caller->view);
	if (caller->lines >= 0)
		(void)close(caller->lines);
	buf_done(&caller->shown);
	buf_done(&caller->json);
	door_said_done(&caller->said);
}

static void send_wish(struct caller *caller, bool json)
{
	struct buf packet = {0};

	door_packet(&packet, "wish");
	door_field(&packet, "scenario", "orders-bad-queue");
	door_field(&packet, "scenario", "lost-worker");
	door_field(&packet, "environment", "production");
	door_field(&packet, "note", "a file was changed");
	door_number(&packet, "allow-protected", 1);
	door_number(&packet, "ascii", 1);
	if (json)
		door_number(&packet, "json", 1);
	assert_true(door_send(caller->fd, &packet, NULL, 0));
	buf_done(&packet);
}

static void wish(struct world *world, struct caller *ret_caller, bool json)
{
	come_in(world, ret_caller);
	send_wish(ret_caller, json);
	await_word(ret_caller, "go");
	ret_caller->view = ret_caller->said.pipes[0];
	ret_caller->lines = ret_caller->said.pipes[1];
	assert_true(ret_caller->view >= 0);
	assert_int_equal(ret_caller->lines >= 0, json);
	world->made->record.ask = world->guest;
}

static void read_pipe(int fd, struct buf *text)
{
	char piece[65536];
	ssize_t got;

	while ((got = read(fd, piece, sizeof piece)) > 0)
		buf_add(text, piece, (size_t)got);
}

static bool is_shown(void *arg)
{
	struct caller *caller = arg;

	read_pipe(caller->view, &caller->shown);
	return strstr(buf_text(&caller->shown), caller->wanted) != NULL;
}

static void await_shown(struct caller *caller, const char *text)
{
	caller->wanted = text;
	loop_until_true(caller->world->base, is_shown, caller);
}

static void say(struct caller *caller, const char *word, const char *key, const char *value)
{
	struct buf packet = {0};

	door_packet(&packet, word);
	door_field(&packet, key, value);
	assert_true(door_send(caller->fd, &packet, NULL, 0));
	buf_done(&packet);
}

/* Another guest comes after it, and is answered: so nothing was held up, and whatever was sent before
 * was looked at. */
static void prove_alive(struct world *world)
{
	struct caller next;

	wish(world, &next, false);
	door_drop(world->door, world->guest, "the sentinel");
	await_shown(&next, "the sentinel");
	await_word(&next, "over");
	leave(&next);
}

static bool is_stopped(void *arg)
{
	const struct world *world = arg;

	return world->stops > 0;
}

/* The good. */

static void test_a_guest_sees_its_drill_and_gets_its_exit_code(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, false);
	assert_string_equal(world->names, "orders-bad-queue,lost-worker,in,production,");
	assert_true(world->allow_protected);
	assert_false(world->all);
	await_shown(&caller, "handed to the firedrill that runs as process");
	await_shown(&caller, "a file was changed");
	door_show(world->door, &world->made->record);
	await_shown(&caller, "inject");
	make_over(world->made, VERDICT_GAP, "OrdersQueueMissing never came");
	make_finding(world->made, 0, FINDING_MISSING, -1, "it never came");
	world->made->record.judgement.exit_code = EXIT_GAP;
	door_finish(world->door, &world->made->record);
	await_shown(&caller, "gap");
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "1");
	await_end(&caller);
	assert_int_equal(world->stops, 0);
	leave(&caller);
}

static void test_json_lines_come_by_a_pipe_of_their_own(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, true);
	make_over(world->made, VERDICT_PASS, "all came");
	door_finish(world->door, &world->made->record);
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "lost"), "0");
	read_pipe(caller.lines, &caller.json);
	assert_true(strncmp(buf_text(&caller.json), "{\"drill\":\"fd-k3q9x2m7\"", 22) == 0);
	assert_int_equal(caller.json.data[caller.json.len - 1], '\n');
	leave(&caller);
}

static void test_guests_wait_outside_until_the_daemon_is_ready(void **state)
{
	struct world *world = *state;
	const struct door_hears hears = {
	    .wish = on_wish, .stop = on_stop, .note = on_note, .arg = world};
	struct caller early = {.world = world, .view = -1, .lines = -1};
	struct error error;

	door_free(world->door);
	world->door = door_new(world->base, world->state, &hears, &error);
	assert_non_null(world->door);
	early.fd = reach(world->state);
	send_wish(&early, false);
	for (int i = 0; i < 10; i++)
		(void)event_base_loop(world->base, EVLOOP_ONCE);
	assert_false(has_packet(&early));
	assert_int_equal(world->wishes, 0);
	door_loaded(world->door, "/nowhere/firedrill.cfg", clock_wall_ms());
	await_word(&early, "hello");
	await_word(&early, "go");
	early.view = early.said.pipes[0];
	leave(&early);
}

static void test_drills_of_others_are_not_shown(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, false);
	world->made->record.ask = 0;
	door_show(world->door, &world->made->record);
	world->made->record.ask = world->guest + 1;
	door_show(world->door, &world->made->record);
	door_finish(world->door, &world->made->record);
	door_note(world->door, world->guest + 1, "for another");
	door_note(world->door, 0, "for everybody");
	await_shown(&caller, "for everybody");
	assert_null(strstr(buf_text(&caller.shown), "for another"));
	assert_null(strstr(buf_text(&caller.shown), "inject"));
	leave(&caller);
}

static void test_a_wish_that_is_refused_says_why(void **state)
{
	struct world *world = *state;
	struct caller caller;

	world->refusal = "there is no scenario \"orders-bad-queue\"";
	come_in(world, &caller);
	send_wish(&caller, true);
	await_word(&caller, "no");
	assert_string_equal(field(&caller, "code"), "4");
	assert_string_equal(field(&caller, "text"), world->refusal);
	await_end(&caller);
	assert_int_equal(world->stops, 0);
	leave(&caller);
	world->refusal = NULL;
	prove_alive(world);
}

static void test_a_drill_that_never_began_counts_as_aborted(void **state)
{
	struct world *world = *state;
	struct caller caller;

	world->drills = 2;
	wish(world, &caller, false);
	door_drop(world->door, world->guest, "it was stopped before it began");
	make_over(world->made, VERDICT_PASS, "all came");
	door_finish(world->door, &world->made->record);
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "6");
	await_shown(&caller, "it was stopped before it began");
	leave(&caller);
}

static void test_the_greeting_tells_who_is_there_and_what_is_loaded(void **state)
{
	struct world *world = *state;
	struct caller first, second;
	char *config = mem_printf("%s/../%s/firedrill.cfg", world->folder, world->folder + 5);
	char *real = mem_printf("%s/firedrill.cfg", world->folder), pid[16];
	const char *key, *value;

	(void)close(creat(real, 0600));
	door_loaded(world->door, config, 4711);
	wish(world, &first, false);
	come_in(world, &second);
	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	assert_true(door_next(&second.said, &key, &value));
	assert_string_equal(value, pid);
	assert_string_equal(field(&second, "loaded"), "4711");
	assert_string_equal(field(&second, "guests"), "1");
	assert_string_equal(field(&second, "config"), real);
	leave(&first);
	leave(&second);
	(void)unlink(real);
	free(real);
	free(config);
}

/* The end before the end. */

static void test_a_stop_is_passed_on_once_and_answered_afterwards(void **state)
{
	struct world *world = *state;
	struct caller caller;
	uint64_t guest;

	wish(world, &caller, false);
	guest = world->guest;
	door_show(world->door, &world->made->record);
	say(&caller, "stop", "signal", "INT");
	loop_until_true(world->base, is_stopped, world);
	assert_string_equal(world->why, STOPPED);
	assert_true(world->guest == guest);
	for (int i = 0; i < 3; i++)
		say(&caller, "stop", "signal", "INT");
	await_shown(&caller, "still putting it right");
	prove_alive(world);
	assert_int_equal(world->stops, 1);
	leave(&caller);
}

static void test_a_stop_ends_the_visit_when_nothing_had_begun(void **state)
{
	struct world *world = *state;
	struct caller caller;

	world->drills = 3;
	wish(world, &caller, false);
	say(&caller, "stop", "signal", "TERM");
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "6");
	assert_string_equal(world->why, "stopped by a signal before it was over");
	await_shown(&caller, "what had not begun was dropped");
	leave(&caller);
}

static void test_a_stop_waits_for_what_had_begun(void **state)
{
	struct world *world = *state;
	struct caller caller;

	world->drills = 3;
	wish(world, &caller, false);
	door_show(world->door, &world->made->record);
	say(&caller, "stop", "signal", "INT");
	await_shown(&caller, "what had not begun was dropped");
	world->drills = 1;
	prove_alive(world);
	assert_false(has_packet(&caller));
	world->made->record.ask = world->guest - 1;
	make_over(world->made, VERDICT_PASS, "all came");
	make_stuck(world->made, "it answers 500");
	world->made->record.judgement.exit_code = EXIT_FAULT_LEFT;
	door_finish(world->door, &world->made->record);
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "3");
	leave(&caller);
}

static void test_a_guest_that_is_gone_stops_its_drills(void **state)
{
	struct world *world = *state;
	struct caller caller;
	uint64_t guest;

	wish(world, &caller, true);
	guest = world->guest;
	door_show(world->door, &world->made->record);
	leave(&caller);
	loop_until_true(world->base, is_stopped, world);
	assert_string_equal(world->why, "whoever asked for it is gone");
	assert_true(world->guest == guest);
	door_show(world->door, &world->made->record);
	make_over(world->made, VERDICT_ABORTED, "stopped");
	door_finish(world->door, &world->made->record);
	door_drop(world->door, guest, "");
	door_note(world->door, guest, "nobody hears it");
	prove_alive(world);
	assert_int_equal(world->stops, 1);
}

static void test_a_daemon_that_ends_closes_its_door(void **state)
{
	struct world *world = *state;
	struct caller waits, stands;
	struct stat about;
	char *path = door_path(world->state);

	wish(world, &waits, false);
	come_in(world, &stands);
	door_free(world->door);
	world->door = NULL;
	await_end(&waits);
	await_end(&stands);
	assert_int_equal(stat(path, &about), -1);
	read_pipe(waits.view, &waits.shown);
	assert_int_equal(read(waits.view, path, 1), 0);
	leave(&waits);
	leave(&stands);
	free(path);
}

static void test_a_guest_whose_drills_are_over_learns_it_from_a_daemon_that_ends(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, false);
	door_drop(world->door, world->guest, "it ends");
	door_free(world->door);
	world->door = NULL;
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "6");
	leave(&caller);
}

static void test_who_waits_is_told_that_it_waits(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, false);
	ahead_ms = 1500;
	await_shown(&caller, "waiting: in each environment one drill runs at a time");
	leave(&caller);
}

/* Readers who do not read. */

static void fill(struct world *world)
{
	char line[512];

	(void)memset(line, 'x', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		door_note(world->door, world->guest, line);
}

static void test_a_guest_that_does_not_read_gets_it_all_when_it_does(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, true);
	fill(world);
	make_over(world->made, VERDICT_PASS, "all came");
	door_finish(world->door, &world->made->record);
	prove_alive(world);
	await_shown(&caller, "1 drill");
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "code"), "0");
	assert_true(caller.shown.len > 500000);
	leave(&caller);
}

static void test_a_guest_that_left_its_pipe_to_somebody_who_does_not_read(void **state)
{
	struct world *world = *state;
	struct caller caller;
	int kept;

	wish(world, &caller, false);
	kept = dup(caller.view);
	fill(world);
	leave(&caller);
	loop_until_true(world->base, is_stopped, world);
	prove_alive(world);
	(void)close(kept);
}

static void test_a_daemon_that_ends_does_not_wait_for_a_reader(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, true);
	fill(world);
	make_over(world->made, VERDICT_PASS, "all came");
	door_finish(world->door, &world->made->record);
	door_free(world->door);
	world->door = NULL;
	await_word(&caller, "over");
	assert_string_equal(field(&caller, "lost"), "1");
	leave(&caller);
}

static void test_a_window_that_changes_its_size_is_drawn_anew(void **state)
{
	struct world *world = *state;
	struct caller caller;
	struct buf packet = {0};

	wish(world, &caller, false);
	door_packet(&packet, "size");
	door_number(&packet, "columns", 30);
	door_number(&packet, "rows", 10);
	assert_true(door_send(caller.fd, &packet, NULL, 0));
	buf_done(&packet);
	prove_alive(world);
	door_note(world->door, world->guest - 1, "a note of more than thirty characters in all");
	await_shown(&caller, "in all");
	assert_null(
	    strstr(buf_text(&caller.shown), "a note of more than thirty characters in all"));
	leave(&caller);
}

/* Guests from hell. */

static void send_raw(struct caller *caller, const char *data, size_t len)
{
	(void)!send(caller->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void test_nonsense_closes_the_door(void **state)
{
	static const struct {
		const char *data;
		size_t len;
	} bad[] = {
	    {"x", 1},
	    {"\0", 1},
	    {"GET / HTTP/1.1\r\n\r\n", 18},
	    {"firedrill-door 1", 16},
	    {"firedrill-door 1\0", 17},
	    {"firedrill-door 1\0wish\0scenario=a", 32},
	    {"firedrill-door 0\0wish\0", 22},
	    {"firedrill-door -1\0wish\0", 23},
	    {"firedrill-door 99999999999999999999\0wish\0", 41},
	    {"firedrill-door 2\0wish\0", 22},
	    {"firedrill-door 1\0hello\0", 23},
	    {"firedrill-door 1\0stop\0signal=INT\0", 33},
	    {"firedrill-door 1\0size\0columns=1\0", 32},
	    {"firedrill-door 1\0wish\0password=x\0", 33},
	    {"firedrill-door 1\0go\0", 20},
	    {"firedrill-door 1\0\0", 18},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct caller caller;

		come_in(world, &caller);
		send_raw(&caller, bad[i].data, bad[i].len);
		do
			loop_until_true(world->base, has_packet, &caller);
		while (caller.got == DOOR_PACKET && strcmp(caller.said.word, "no") == 0);
		assert_int_equal(caller.got, DOOR_END);
		leave(&caller);
	}
	assert_int_equal(world->wishes, 0);
	assert_int_equal(world->stops, 0);
	prove_alive(world);
}

static void test_packets_that_are_too_large(void **state)
{
	struct world *world = *state;
	struct buf packet = {0};
	struct caller caller;

	come_in(world, &caller);
	door_packet(&packet, "wish");
	packet.limit = 0;
	while (packet.len < DOOR_PACKET_MAX + 1)
		door_field(&packet, "scenario", "a-scenario-of-some-length-that-does-not-matter");
	send_raw(&caller, packet.data, packet.len);
	await_end(&caller);
	leave(&caller);
	come_in(world, &caller);
	door_packet(&packet, "wish");
	for (size_t i = 0; i <= 1000; i++)
		door_field(&packet, "environment", "e");
	assert_true(door_send(caller.fd, &packet, NULL, 0));
	await_word(&caller, "no");
	await_end(&caller);
	leave(&caller);
	buf_done(&packet);
	assert_int_equal(world->wishes, 0);
	prove_alive(world);
}

static void test_a_second_wish_ends_the_visit(void **state)
{
	struct world *world = *state;
	struct caller caller;

	wish(world, &caller, false);
	send_wish(&caller, false);
	await_end(&caller);
	assert_int_equal(world->wishes, 1);
	assert_int_equal(world->stops, 1);
	leave(&caller);
}

static void test_a_guest_that_floods_is_put_out(void **state)
{
	struct world *world = *state;
	struct caller caller;
	struct buf packet = {0};

	wish(world, &caller, false);
	door_packet(&packet, "size");
	while (door_send(caller.fd, &packet, NULL, 0) || errno == EAGAIN) {
		if (has_packet(&caller) && caller.got == DOOR_END)
			break;
		(void)event_base_loop(world->base, EVLOOP_NONBLOCK);
	}
	buf_done(&packet);
	assert_int_equal(world->stops, 1);
	assert_string_equal(world->why, "whoever asked for it did not stop talking");
	leave(&caller);
	prove_alive(world);
}

static void test_a_guest_that_says_nothing_is_put_out(void **state)
{
	struct world *world = *state;
	struct caller caller;

	come_in(world, &caller);
	ahead_ms = 9000;
	prove_alive(world);
	assert_false(has_packet(&caller));
	ahead_ms = 11000;
	await_end(&caller);
	leave(&caller);
}

static void test_descriptors_that_nobody_wants_are_not_taken(void **state)
{
	struct world *world = *state;
	struct caller caller;
	struct buf packet = {0};
	const int ends[2] = {STDIN_FILENO, STDIN_FILENO};
	int before;

	come_in(world, &caller);
	before = open_files();
	door_packet(&packet, "wish");
	door_field(&packet, "scenario", "a");
	assert_true(door_send(caller.fd, &packet, ends, 2));
	buf_done(&packet);
	await_word(&caller, "go");
	assert_int_equal(open_files(), before + 2); /* the two ends of the view */
	caller.view = caller.said.pipes[0];
	leave(&caller);
}

static void test_one_guest_too_many_is_told_to_come_later(void **state)
{
	struct world *world = *state;
	struct caller callers[DOOR_GUESTS_MAX], late;

	for (size_t i = 0; i < DOOR_GUESTS_MAX; i++)
		wish(world, &callers[i], true);
	late = (struct caller){.world = world, .fd = reach(world->state), .view = -1, .lines = -1};
	await_word(&late, "no");
	await_end(&late);
	leave(&late);
	door_note(world->door, 0, "a note for all of them");
	for (size_t i = 0; i < DOOR_GUESTS_MAX; i++) {
		await_shown(&callers[i], "a note for all of them");
		leave(&callers[i]);
	}
	loop_until_true(world->base, is_stopped, world);
	while (world->stops < DOOR_GUESTS_MAX)
		assert_int_equal(event_base_loop(world->base, EVLOOP_ONCE), 0);
	prove_alive(world);
}

static void test_without_descriptors_guests_wait_at_the_door(void **state)
{
	struct world *world = *state;
	struct caller caller = {.world = world, .fd = reach(world->state), .view = -1, .lines = -1};
	int64_t began_ms = __real_clock_ms();

	no_files = true;
	for (int i = 0; i < 20; i++)
		(void)event_base_loop(world->base, EVLOOP_ONCE);
	/* once a second, and not at each turn */
	assert_in_range(refused_files, 1, 1 + (__real_clock_ms() - began_ms) / 1000);
	assert_false(has_packet(&caller));
	no_files = false;
	await_word(&caller, "hello");
	no_files = true;
	send_wish(&caller, true);
	await_word(&caller, "no");
	no_files = false;
	assert_int_equal(world->wishes, 0);
	leave(&caller);
	prove_alive(world);
}

/* The socket. */

static void test_only_the_owner_may_use_the_socket(void **state)
{
	struct world *world = *state;
	char *path = door_path(world->state);
	mode_t before = umask(0);
	struct stat about;
	struct error error;

	door_free(world->door);
	world->door = open_door(world, world->state, &error);
	(void)umask(before);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode, S_IFSOCK | 0600);
	before = umask(0777);
	door_free(world->door);
	world->door = open_door(world, world->state, &error);
	(void)umask(before);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode, S_IFSOCK | 0600);
	prove_alive(world);
	free(path);
}

static bool is_noted(void *arg)
{
	const struct world *world = arg;

	return world->notes > 0;
}

/* As if somebody had opened the folder and the socket to everybody. */
static void test_another_user_is_turned_away(void **state)
{
	struct world *world = *state;
	char *path = door_path(world->state);
	pid_t child;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(world->folder, 0711), 0);
	assert_int_equal(chmod(path, 0666), 0);
	child = fork();
	if (child == 0) {
		char byte;
		int fd;

		if (setresuid(65534, 65534, 65534) != 0)
			_exit(2);
		fd = reach(world->state);
		_exit(recv(fd, &byte, 1, 0) == 0 ? 0 : 1);
	}
	loop_until_true(world->base, is_noted, world);
	assert_int_equal(wait_for(child), 0);
	assert_non_null(strstr(world->note, "user 65534 was turned away"));
	prove_alive(world);
	free(path);
}

static void test_a_path_that_is_longer_than_a_socket_address(void **state)
{
	struct world *world = *state;
	struct error error;
	char *folders[4], *path, *before = world->state;
	struct stat about;
	struct caller caller;

	door_free(world->door);
	for (size_t i = 0; i < 4; i++) {
		folders[i] =
		    mem_printf("%s/a-folder-with-a-name-of-some-sixty-characters-as-happens-%zu",
			       i == 0 ? world->folder : folders[i - 1], i);
	}
	world->state = mem_printf("%s/firedrill.db", folders[3]);
	world->door = open_door(world, world->state, &error);
	assert_non_null(world->door);
	path = door_path(world->state);
	assert_true(strlen(path) > 2 * DOOR_ADDRESS_MAX);
	assert_int_equal(stat(path, &about), 0);
	assert_true(S_ISSOCK(about.st_mode));
	wish(world, &caller, false);
	leave(&caller);
	door_free(world->door);
	world->door = NULL;
	for (size_t i = 4; i-- > 0;) {
		assert_int_equal(rmdir(folders[i]), 0);
		free(folders[i]);
	}
	free(path);
	free(world->state);
	world->state = before;
}

static void test_a_name_that_is_too_long_for_any_socket(void **state)
{
	struct world *world = *state;
	char *name = mem_printf("%s/%0120d", world->folder, 0);
	struct error error;

	assert_null(open_door(world, name, &error));
	assert_non_null(strstr(error.text, "too long"));
	free(name);
}

static void test_what_a_dead_daemon_left_is_replaced(void **state)
{
	struct world *world = *state;
	struct door *old = world->door;
	struct error error;

	world->door = open_door(world, world->state, &error);
	assert_non_null(world->door);
	door_free(old); /* leaves the socket of the one that came after it */
	prove_alive(world);
}

static void test_a_file_in_the_way_is_not_removed(void **state)
{
	struct world *world = *state;
	char *path = door_path(world->state);
	struct error error;
	struct stat about;

	door_free(world->door);
	(void)close(creat(path, 0600));
	world->door = open_door(world, world->state, &error);
	assert_null(world->door);
	assert_non_null(strstr(error.text, "move it away"));
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(unlink(path), 0);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_a_guest_sees_its_drill_and_gets_its_exit_code),
	    TEST(test_json_lines_come_by_a_pipe_of_their_own),
	    TEST(test_guests_wait_outside_until_the_daemon_is_ready),
	    TEST(test_drills_of_others_are_not_shown),
	    TEST(test_a_wish_that_is_refused_says_why),
	    TEST(test_a_drill_that_never_began_counts_as_aborted),
	    TEST(test_the_greeting_tells_who_is_there_and_what_is_loaded),
	    TEST(test_a_stop_is_passed_on_once_and_answered_afterwards),
	    TEST(test_a_stop_ends_the_visit_when_nothing_had_begun),
	    TEST(test_a_stop_waits_for_what_had_begun),
	    TEST(test_a_guest_that_is_gone_stops_its_drills),
	    TEST(test_a_daemon_that_ends_closes_its_door),
	    TEST(test_a_guest_whose_drills_are_over_learns_it_from_a_daemon_that_ends),
	    TEST(test_who_waits_is_told_that_it_waits),
	    TEST(test_a_guest_that_does_not_read_gets_it_all_when_it_does),
	    TEST(test_a_guest_that_left_its_pipe_to_somebody_who_does_not_read),
	    TEST(test_a_daemon_that_ends_does_not_wait_for_a_reader),
	    TEST(test_a_window_that_changes_its_size_is_drawn_anew),
	    TEST(test_nonsense_closes_the_door),
	    TEST(test_packets_that_are_too_large),
	    TEST(test_a_second_wish_ends_the_visit),
	    TEST(test_a_guest_that_floods_is_put_out),
	    TEST(test_a_guest_that_says_nothing_is_put_out),
	    TEST(test_descriptors_that_nobody_wants_are_not_taken),
	    TEST(test_one_guest_too_many_is_told_to_come_later),
	    TEST(test_without_descriptors_guests_wait_at_the_door),
	    TEST(test_only_the_owner_may_use_the_socket),
	    TEST(test_another_user_is_turned_away),
	    TEST(test_a_path_that_is_longer_than_a_socket_address),
	    TEST(test_a_name_that_is_too_long_for_any_socket),
	    TEST(test_what_a_dead_daemon_left_is_replaced),
	    TEST(test_a_file_in_the_way_is_not_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
