/* The live view at work: what is written to a terminal, when, and in how many pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <event2/event.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reports/terminal.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "tests/reports/make_record.h"
#include "tests/support/loop.h"

/* A terminal's view and the other end, where each write is one packet. */
struct screen {
	struct event_base *base;
	struct terminal *terminal;
	struct made *made;
	FILE *out;
	int other_end;
	char packet[16384]; /* the last one read */
	size_t packets;
};

static int setup(void **state)
{
	struct screen *screen = calloc(1, sizeof *screen);
	struct terminal_options options = {.live = true, .ascii = true, .columns = 120};
	int ends[2];

	if (screen == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return -1;
	*state = screen;
	screen->base = event_base_new();
	screen->out = fdopen(ends[0], "w");
	screen->other_end = ends[1];
	screen->terminal = terminal_new(screen->base, screen->out, options);
	screen->made = make_running();
	return 0;
}

static int teardown(void **state)
{
	struct screen *screen = *state;

	terminal_free(screen->terminal);
	made_free(screen->made);
	event_base_free(screen->base);
	(void)fclose(screen->out);
	if (screen->other_end >= 0)
		(void)close(screen->other_end);
	free(screen);
	return 0;
}

/* Reads what was written; false when there is nothing more. */
static bool read_packet(struct screen *screen)
{
	ssize_t n =
	    recv(screen->other_end, screen->packet, sizeof screen->packet - 1, MSG_DONTWAIT);

	screen->packet[n > 0 ? n : 0] = '\0';
	screen->packets += n > 0;
	return n > 0;
}

static bool has_packet(void *arg)
{
	return read_packet(arg);
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	while ((text = strstr(text, part)) != NULL) {
		count++;
		text += strlen(part);
	}
	return count;
}

static void a_frame_is_one_write(void **state)
{
	struct screen *screen = *state;

	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	assert_int_equal(count_of(screen->packet, "\n"), 3);
	assert_non_null(strstr(screen->packet, "orders-bad-queue"));
	assert_null(strstr(screen->packet, "A")); /* no way back before there was a frame */
	assert_false(read_packet(screen));
}

static void the_next_frame_is_drawn_over_the_last_one(void **state)
{
	struct screen *screen = *state;

	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	screen->made->record.phase = PHASE_REVERT;
	screen->made->record.phase_ms[PHASE_REVERT] = clock_ms();
	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	assert_ptr_equal(strstr(screen->packet, "\r\033[3Aorders-bad-queue"), screen->packet);
	assert_string_equal(screen->packet + strlen(screen->packet) - strlen("\033[J"), "\033[J");
	assert_false(read_packet(screen));
}

static void a_change_without_a_new_phase_waits_for_the_timer(void **state)
{
	struct screen *screen = *state;

	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	(void)make_expectation(screen->made, "OrdersDown", "#oncall");
	terminal_show(screen->terminal, &screen->made->record);
	assert_false(read_packet(screen));
	loop_until_true(screen->base, has_packet, screen);
	assert_non_null(strstr(screen->packet, "(0 of 2 seen)"));
}

static void elapsed_time_is_redrawn_by_the_timer(void **state)
{
	struct screen *screen = *state;

	screen->made->record.evidence.injected_ms = clock_ms();
	screen->made->record.deadline_ms = screen->made->record.evidence.injected_ms + 5000;
	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	assert_non_null(strstr(screen->packet, " of 5.0 s"));
	loop_until_true(screen->base, has_packet, screen);
	assert_non_null(strstr(screen->packet, " of 5.0 s"));
	assert_ptr_equal(strstr(screen->packet, "\r\033[3A"), screen->packet);
}

static void a_frame_that_did_not_change_is_not_written_again(void **state)
{
	struct screen *screen = *state;
	struct made *second = make_running();

	/* These lines change once a minute, and not in the next 20 s. */
	screen->made->record.evidence.injected_ms = clock_ms() - INT64_C(400000000);
	screen->made->record.deadline_ms = clock_ms() - 1000;
	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	for (int i = 0; i < 3; i++)
		assert_int_equal(event_base_loop(screen->base, EVLOOP_ONCE), 0);
	assert_false(read_packet(screen));
	terminal_show(screen->terminal, &second->record); /* the sentinel */
	assert_true(read_packet(screen));
	terminal_finish(screen->terminal, &second->record);
	made_free(second);
}

static void a_result_stays_above_the_drills_that_go_on(void **state)
{
	struct screen *screen = *state;
	struct made *second = make_running();

	second->scenario.name = "dead-health";
	screen->made->record.evidence.injected_ms = clock_ms();
	screen->made->record.deadline_ms = screen->made->record.evidence.injected_ms + 5000;
	terminal_show(screen->terminal, &screen->made->record);
	terminal_show(screen->terminal, &second->record);
	while (read_packet(screen)) {
	}
	make_over(second, VERDICT_PASS, "every alert did what was expected");
	terminal_finish(screen->terminal, &second->record);
	made_free(second); /* forgotten: nobody looks at it again */
	assert_true(read_packet(screen));
	assert_ptr_equal(strstr(screen->packet, "\r\033[6A\033[JPASS  dead-health"),
			 screen->packet);
	assert_true(strstr(screen->packet, "orders-bad-queue") > strstr(screen->packet, "fault "));
	assert_false(read_packet(screen));
	loop_until_true(screen->base, has_packet, screen);
	assert_null(strstr(screen->packet, "dead-health"));
	assert_ptr_equal(strstr(screen->packet, "\r\033[3A"), screen->packet);
}

static void a_note_stays_above_the_drills_that_go_on(void **state)
{
	struct screen *screen = *state;

	terminal_show(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	terminal_note(screen->terminal, "the chat is\033[2J slow");
	assert_true(read_packet(screen));
	assert_ptr_equal(
	    strstr(screen->packet, "\r\033[3A\033[Jthe chat is [2J slow\norders-bad-queue"),
	    screen->packet);
	assert_false(read_packet(screen));
}

static void after_the_last_drill_nothing_keeps_the_loop_running(void **state)
{
	struct screen *screen = *state;

	terminal_show(screen->terminal, &screen->made->record);
	make_over(screen->made, VERDICT_PASS, "every alert did what was expected");
	terminal_finish(screen->terminal, &screen->made->record);
	assert_int_equal(event_base_dispatch(screen->base), 1); /* no events at all */
	terminal_summary(screen->terminal);
	while (read_packet(screen)) {
	}
	assert_int_equal(screen->packets, 3);
}

static void more_drills_than_rows_are_counted(void **state)
{
	struct screen *screen = *state;
	struct terminal_options options = {.live = true, .ascii = true, .columns = 80, .rows = 9};
	struct terminal *terminal = terminal_new(screen->base, screen->out, options);
	struct made *made[4];

	for (size_t i = 0; i < 4; i++) {
		made[i] = make_running();
		terminal_show(terminal, &made[i]->record);
		assert_true(read_packet(screen));
	}
	assert_int_equal(count_of(screen->packet, "\n"), 7);
	assert_non_null(strstr(screen->packet, "and 2 more"));
	for (size_t i = 0; i < 4; i++) {
		terminal_finish(terminal, &made[i]->record);
		made_free(made[i]);
	}
	terminal_free(terminal);
}

static void a_reader_who_pauses_holds_nobody_up_and_misses_no_result(void **state)
{
	struct screen *screen = *state;
	struct buf all = {0};
	int tries = 0, small = 1;

	assert_int_equal(
	    setsockopt(fileno(screen->out), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	terminal_show(screen->terminal, &screen->made->record);
	while (tries++ < 2000) { /* would hang here */
		screen->made->record.deadline_ms = clock_ms() + tries * 1000000;
		screen->made->record.phase = PHASE_WATCH;
		terminal_finish(screen->terminal, &screen->made->record);
		terminal_show(screen->terminal, &screen->made->record);
	}
	make_over(screen->made, VERDICT_GAP, "the last words");
	terminal_finish(screen->terminal, &screen->made->record);
	while (strstr(buf_text(&all), "the last words") == NULL) {
		while (read_packet(screen))
			buf_adds(&all, screen->packet);
		terminal_summary(screen->terminal);
	}
	assert_non_null(strstr(buf_text(&all), "the last words"));
	while (read_packet(screen)) {
	}
	buf_done(&all);
}

/* Another process reads all that comes; exits with 0 when `words` were in it. */
static pid_t start_reader(struct screen *screen, const char *words)
{
	pid_t pid = fork();
	ssize_t n;

	if (pid != 0)
		return pid;
	while ((n = recv(screen->other_end, screen->packet, sizeof screen->packet - 1, 0)) > 0) {
		screen->packet[n] = '\0';
		if (strstr(screen->packet, words) != NULL)
			_exit(0);
	}
	_exit(1);
}

static void what_is_left_to_write_is_written_at_the_end(void **state)
{
	struct screen *screen = *state;
	struct terminal *terminal =
	    terminal_new(NULL, screen->out, (struct terminal_options){.ascii = true});
	int small = 1, status = -1;
	pid_t reader;

	assert_int_equal(
	    setsockopt(fileno(screen->out), SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	for (int i = 0; i < 100; i++) /* more than fits */
		terminal_summary(terminal);
	make_over(screen->made, VERDICT_GAP, "the last words");
	terminal_finish(terminal, &screen->made->record);
	reader = start_reader(screen, "the last words");
	assert_true(reader > 0);
	terminal_free(terminal);
	(void)shutdown(fileno(screen->out), SHUT_WR); /* nothing came after that */
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

static void a_reader_who_is_gone_holds_nobody_up_either(void **state)
{
	struct screen *screen = *state;

	(void)close(screen->other_end);
	screen->other_end = -1;
	terminal_show(screen->terminal, &screen->made->record);
	terminal_finish(screen->terminal, &screen->made->record);
	terminal_summary(screen->terminal);
}

static void without_a_terminal_each_phase_is_one_line_and_nothing_moves(void **state)
{
	struct screen *screen = *state;
	struct terminal *terminal =
	    terminal_new(NULL, screen->out, (struct terminal_options){.ascii = true});
	struct drill_record *record = &screen->made->record;

	record->phase = PHASE_BASELINE;
	terminal_show(terminal, record);
	assert_true(read_packet(screen));
	assert_string_equal(screen->packet,
			    "orders-bad-queue production fd-k3q9x2m7 guard 0.0 s\n"
			    "orders-bad-queue production fd-k3q9x2m7 baseline 0.0 s\n");
	terminal_show(terminal, record);
	assert_false(read_packet(screen)); /* nothing new; what follows is the sentinel */
	record->phase = PHASE_RECORD;
	terminal_show(terminal, record);
	assert_true(read_packet(screen));
	assert_string_equal(screen->packet,
			    "orders-bad-queue production fd-k3q9x2m7 announce 0.6 s\n"
			    "orders-bad-queue production fd-k3q9x2m7 record 1.0 s\n");
	make_over(screen->made, VERDICT_PASS, "every alert did what was expected");
	terminal_finish(terminal, record);
	assert_true(read_packet(screen));
	assert_non_null(strstr(screen->packet, "fd-k3q9x2m7 report 121.5 s\n"));
	assert_true(read_packet(screen));
	assert_ptr_equal(strstr(screen->packet, "PASS  orders-bad-queue"), screen->packet);
	terminal_summary(terminal);
	assert_true(read_packet(screen));
	assert_string_equal(screen->packet, "1 drill: 1 pass\n");
	terminal_free(terminal);
}

static void a_drill_that_is_over_before_it_was_shown_is_printed(void **state)
{
	struct screen *screen = *state;

	make_refused(screen->made, "production is protected");
	terminal_finish(screen->terminal, &screen->made->record);
	assert_true(read_packet(screen));
	assert_non_null(strstr(screen->packet, "REFUSED  orders-bad-queue in production"));
	terminal_summary(screen->terminal);
	assert_true(read_packet(screen));
	assert_string_equal(screen->packet, "1 drill: 1 refused\n");
}

/* What suits a stream. */

static FILE *open_pty(int *ret_master)
{
	struct winsize size = {.ws_col = 132, .ws_row = 43};
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	*ret_master = master;
	return fopen(ptsname(master), "w");
}

static void a_window_is_live_and_coloured_unless_asked_otherwise(void **state)
{
	static const struct {
		const char *term, *no_colour;
		bool live, colour;
	} cases[] = {
	    {"xterm", NULL, true, true},  {"xterm", "", true, true}, {"xterm", "1", true, false},
	    {"dumb", NULL, false, false}, {"", NULL, false, false},  {NULL, NULL, false, false},
	};
	int master;
	FILE *out = open_pty(&master);

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct terminal_options options;

		(void)unsetenv("TERM");
		(void)unsetenv("NO_COLOR");
		if (cases[i].term != NULL)
			(void)setenv("TERM", cases[i].term, 1);
		if (cases[i].no_colour != NULL)
			(void)setenv("NO_COLOR", cases[i].no_colour, 1);
		options = terminal_options_for(out);
		assert_int_equal(options.live, cases[i].live);
		assert_int_equal(options.colour, cases[i].colour);
		assert_int_equal(options.columns, 132);
		assert_int_equal(options.rows, 43);
	}
	(void)unsetenv("NO_COLOR");
	(void)fclose(out);
	(void)close(master);
}

static void a_window_that_shrinks_is_noticed_and_its_broken_lines_are_erased(void **state)
{
	struct screen *screen = *state;
	struct winsize narrow = {.ws_col = 40, .ws_row = 43};
	int master;
	FILE *out = open_pty(&master);
	struct terminal *terminal;
	char text[8192];
	ssize_t n;

	assert_non_null(out);
	(void)setenv("TERM", "xterm", 1);
	terminal = terminal_new(screen->base, out, terminal_options_for(out));
	screen->made->record.evidence.injected_ms = clock_ms();
	screen->made->record.deadline_ms = screen->made->record.evidence.injected_ms + 90000;
	terminal_show(terminal, &screen->made->record);
	n = read(master, text, sizeof text - 1);
	assert_true(n > 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &narrow), 0);
	screen->made->record.phase = PHASE_REVERT;
	terminal_show(terminal, &screen->made->record);
	n = read(master, text, sizeof text - 1);
	assert_true(n > 0);
	text[n] = '\0';
	/* 57, 115 and 77 columns of old now take 2, 3 and 2 rows. */
	assert_ptr_equal(strstr(text, "\r\033[7A"), text);
	terminal_finish(terminal, &screen->made->record);
	terminal_free(terminal);
	(void)fclose(out);
	(void)close(master);
}

static void a_file_is_neither_live_nor_coloured(void **state)
{
	FILE *out = tmpfile();
	struct terminal_options options;

	(void)state;
	assert_non_null(out);
	(void)setenv("TERM", "xterm", 1);
	options = terminal_options_for(out);
	assert_false(options.live);
	assert_false(options.colour);
	assert_int_equal(options.columns, 0);
	(void)fclose(out);
}

static void the_locale_decides_about_utf8(void **state)
{
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	assert_false(terminal_options_for(out).ascii);
	(void)setlocale(LC_ALL, "C");
	assert_true(terminal_options_for(out).ascii);
	(void)setlocale(LC_ALL, "C.UTF-8");
	(void)fclose(out);
}

#define on_screen(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_screen(a_frame_is_one_write),
	    on_screen(the_next_frame_is_drawn_over_the_last_one),
	    on_screen(a_change_without_a_new_phase_waits_for_the_timer),
	    on_screen(elapsed_time_is_redrawn_by_the_timer),
	    on_screen(a_frame_that_did_not_change_is_not_written_again),
	    on_screen(a_result_stays_above_the_drills_that_go_on),
	    on_screen(a_note_stays_above_the_drills_that_go_on),
	    on_screen(after_the_last_drill_nothing_keeps_the_loop_running),
	    on_screen(more_drills_than_rows_are_counted),
	    on_screen(a_reader_who_pauses_holds_nobody_up_and_misses_no_result),
	    on_screen(what_is_left_to_write_is_written_at_the_end),
	    on_screen(a_reader_who_is_gone_holds_nobody_up_either),
	    on_screen(without_a_terminal_each_phase_is_one_line_and_nothing_moves),
	    on_screen(a_drill_that_is_over_before_it_was_shown_is_printed),
	    cmocka_unit_test(a_window_is_live_and_coloured_unless_asked_otherwise),
	    on_screen(a_window_that_shrinks_is_noticed_and_its_broken_lines_are_erased),
	    cmocka_unit_test(a_file_is_neither_live_nor_coloured),
	    cmocka_unit_test(the_locale_decides_about_utf8),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
