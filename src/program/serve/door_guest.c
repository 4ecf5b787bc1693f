/* One guest: what it says, what it is shown, and its end. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/terminal.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/engine/judge.h"
#include "src/program/serve/door_parts.h"
#include "src/program/serve/door_view.h"
#include "src/program/serve/door_wants.h"

#define SILENCE_MS    10000 /* for a wish to come */
#define PATIENCE_MS   1000  /* without anything to be seen */
#define WORDS_A_TURN  100   /* packets in one second; a window that is drawn out sends ten */
#define WORDS_TURN_MS 1000

struct guest {
	struct door *door; /* borrowed */
	uint64_t id;
	int fd;              /* owned */
	struct event *event; /* owned */
	int64_t came_ms;     /* and then: when it wished */
	int64_t turn_ms;     /* since when words are counted */
	size_t words;
	struct door_view view;               /* not open: it has not wished yet */
	size_t drills, over;                 /* that it gets; that are */
	const struct drill_record **running; /* owned list; those that have begun */
	size_t running_count;
	bool summed;  /* the last line was drawn */
	bool stopped; /* what has not begun, never will */
	enum exit_code code;
	bool seen; /* something of its drills was shown, or it was told that it waits */
	size_t stops;
	struct guest *next; /* owned */
};

/* The end. */

static void unlink_guest(struct guest *guest)
{
	struct door *door = guest->door;
	struct guest **at = &door->guests;

	while (*at != guest)
		at = &(*at)->next;
	*at = guest->next;
	door->guest_count--;
	if (door->guest_count == 0)
		(void)event_del(door->tick);
}

/* Never waits for the reader: what it has not taken until now is given up. */
static void guest_free(struct guest *guest)
{
	unlink_guest(guest);
	door_view_close(&guest->view);
	event_free(guest->event);
	(void)close(guest->fd);
	free(guest->running);
	free(guest);
}

static void say_over(struct guest *guest, bool lost)
{
	struct buf packet = {0};

	door_packet(&packet, "over");
	door_number(&packet, "code", (int64_t)guest->code);
	door_number(&packet, "lost", lost || door_view_has_lost(&guest->view) ? 1 : 0);
	(void)door_send(guest->fd, &packet, NULL, 0);
	buf_done(&packet);
}

static bool is_over(const struct guest *guest)
{
	if (guest->view.drawn == NULL)
		return false;
	return guest->over >= guest->drills || (guest->stopped && guest->running_count == 0);
}

/* Not from here: whoever calls may be in the middle of something with it. */
static void look_at_end(struct guest *guest)
{
	if (guest->summed || !is_over(guest))
		return;
	guest->summed = true;
	terminal_summary(guest->view.terminal);
	event_active(guest->door->tick, EV_TIMEOUT, 1);
}

/* It hung up, or says what no guest says: its drills are put right. */
static void guest_gone(struct guest *guest, const char *why)
{
	const struct door_hears hears = guest->door->hears;
	uint64_t id = guest->id;
	bool stop = guest->view.drawn != NULL && !is_over(guest);

	guest_free(guest);
	if (stop)
		hears.stop(hears.arg, id, why);
}

/* A wish. */

static void note_handed(struct guest *guest, const struct door_wants *wish)
{
	struct buf text = {0};
	char since[32];

	clock_rfc3339(guest->door->since_wall_ms, since, sizeof since);
	since[strlen("2026-11-21")] = ' ';
	buf_addf(&text, "handed to the firedrill that runs as process %d since %.19s UTC",
		 (int)getpid(), since);
	terminal_note(guest->view.terminal, buf_text(&text));
	buf_done(&text);
	for (size_t i = 0; i < wish->note_count; i++)
		terminal_note(guest->view.terminal, wish->notes[i]);
}

static void say_no(int fd, enum exit_code code, const char *text)
{
	struct buf packet = {0};

	door_packet(&packet, "no");
	door_number(&packet, "code", (int64_t)code);
	door_field(&packet, "text", text);
	(void)door_send(fd, &packet, NULL, 0);
	buf_done(&packet);
}

static void answer_wish(struct guest *guest, const struct door_wants *wish, const int *pipes,
			size_t pipe_count)
{
	const struct door_hears *hears = &guest->door->hears;
	enum exit_code code = EXIT_USAGE;
	struct error error = {""};
	struct buf packet = {0};
	size_t drills = 0;

	guest->drills = SIZE_MAX; /* some may be over before we are told how many there are */
	if (!hears->wish(hears->arg, &wish->names, &drills, &code, &error)) {
		say_no(guest->fd, code, error.text);
		guest_free(guest);
		return;
	}
	guest->drills = drills;
	door_packet(&packet, "go");
	if (door_send(guest->fd, &packet, pipes, pipe_count))
		look_at_end(guest);
	else
		guest_gone(guest, "whoever asked for it could not be answered");
	buf_done(&packet);
}

static void on_wish(struct guest *guest)
{
	struct door_wants *wish = mem_zalloc(sizeof *wish);
	int pipes[DOOR_PIPES] = {-1, -1};
	size_t pipe_count = 0;

	wish->names.guest = guest->id;
	guest->came_ms = clock_ms();
	if (!door_wants_read(&guest->door->said, wish)) {
		say_no(guest->fd, EXIT_USAGE,
		       "the firedrill that runs does not understand what is wished: "
		       "are both of the same version?");
		guest_free(guest);
	} else if (!door_view_open(&guest->view, guest->door->base, wish->looks, wish->json, pipes,
				   &pipe_count)) {
		say_no(guest->fd, EXIT_USAGE,
		       "the firedrill that runs has too many files open: try later");
		guest_free(guest);
	} else {
		note_handed(guest, wish);
		answer_wish(guest, wish, pipes, pipe_count);
	}
	for (size_t i = 0; i < pipe_count; i++)
		(void)close(pipes[i]); /* the guest has its own */
	free(wish);
}

/* What else it says. */

static void stop(struct guest *guest, const char *why)
{
	const struct door_hears *hears = &guest->door->hears;

	hears->stop(hears->arg, guest->id, why);
	guest->stopped = true;
	if (guest->over + guest->running_count < guest->drills) {
		guest->code = exit_code_worst(guest->code, EXIT_ABORTED);
		terminal_note(guest->view.terminal, "what had not begun was dropped");
	}
	look_at_end(guest);
}

static void on_stop(struct guest *guest, const char *signal)
{
	if (is_over(guest))
		return;
	guest->stops++;
	if (guest->stops == 1)
		stop(guest, strcmp(signal, "INT") == 0
				? "stopped from the terminal before it was over"
				: "stopped by a signal before it was over");
	else if (guest->stops == 2)
		terminal_note(guest->view.terminal,
			      "still putting it right; the firedrill that runs "
			      "finishes it also without this terminal");
}

static void on_word(struct guest *guest)
{
	struct door_said *said = &guest->door->said;
	const char *key = "", *value = "", *word = said->word;
	int64_t columns = 0, rows = 0;

	if (strcmp(word, "wish") == 0 && guest->view.drawn == NULL) {
		on_wish(guest);
	} else if (strcmp(word, "stop") == 0 && guest->view.drawn != NULL) {
		if (!door_next(said, &key, &value))
			value = "";
		on_stop(guest, value);
	} else if (strcmp(word, "size") == 0 && guest->view.drawn != NULL) {
		while (door_next(said, &key, &value))
			*(strcmp(key, "rows") == 0 ? &rows : &columns) =
			    door_number_of(value, DOOR_WINDOW_MAX);
		terminal_resize(guest->view.terminal, (int)columns, (int)rows);
	} else {
		guest_gone(guest, "whoever asked for it spoke nonsense");
	}
}

static bool is_flood(struct guest *guest)
{
	int64_t now_ms = clock_ms();

	if (now_ms - guest->turn_ms > WORDS_TURN_MS) {
		guest->turn_ms = now_ms;
		guest->words = 0;
	}
	return ++guest->words > WORDS_A_TURN;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct guest *guest = arg;

	(void)what;
	switch (door_receive(fd, &guest->door->said)) {
	case DOOR_PACKET:
		if (is_flood(guest))
			guest_gone(guest, "whoever asked for it did not stop talking");
		else
			on_word(guest);
		break;
	case DOOR_NOTHING:
		break;
	case DOOR_END:
		guest_gone(guest, "whoever asked for it is gone");
		break;
	case DOOR_STRANGE: /* it has seen our version, and says what there is to do */
	case DOOR_NONSENSE:
		guest_gone(guest, "whoever asked for it spoke nonsense");
		break;
	}
}

/* For door.c. */

static void greet(struct guest *guest)
{
	const struct door *door = guest->door;
	const char *lost = door->hears.lost != NULL ? door->hears.lost(door->hears.arg) : NULL;
	struct buf packet = {0};

	door_packet(&packet, "hello");
	door_number(&packet, "pid", getpid());
	door_number(&packet, "since", door->since_wall_ms);
	door_number(&packet, "loaded", door->loaded_wall_ms);
	door_number(&packet, "guests", (int64_t)door->guest_count - 1);
	door_field(&packet, "config", door->config != NULL ? door->config : "");
	if (lost != NULL)
		door_field(&packet, "lost", lost);
	(void)door_send(guest->fd, &packet, NULL, 0);
	buf_done(&packet);
}

void guest_add(struct door *door, int fd)
{
	static const struct timeval often = {.tv_usec = 100000};
	struct guest *guest;

	if (door->guest_count >= DOOR_GUESTS_MAX) {
		say_no(fd, EXIT_USAGE,
		       "the firedrill that runs has as many guests as it takes: try later, or "
		       "run it with --alone");
		(void)close(fd);
		return;
	}
	guest = mem_zalloc(sizeof *guest);
	*guest = (struct guest){.door = door,
				.id = ++door->last_id,
				.fd = fd,
				.came_ms = clock_ms(),
				.code = EXIT_PASS,
				.next = door->guests};
	guest->event = event_new(door->base, fd, EV_READ | EV_PERSIST, on_readable, guest);
	(void)event_add(guest->event, NULL);
	door->guests = guest;
	if (++door->guest_count == 1)
		(void)event_add(door->tick, &often);
	greet(guest);
}

struct guest *guest_find(struct door *door, uint64_t id)
{
	for (struct guest *guest = door->guests; guest != NULL; guest = guest->next) {
		if (guest->id == id)
			return guest->view.drawn != NULL ? guest : NULL;
	}
	return NULL;
}

static size_t place_of(const struct guest *guest, const struct drill_record *record)
{
	size_t i = 0;

	while (i < guest->running_count && guest->running[i] != record)
		i++;
	return i;
}

void guest_show(struct guest *guest, const struct drill_record *record)
{
	guest->seen = true;
	if (place_of(guest, record) == guest->running_count) {
		guest->running = mem_grow(guest->running, guest->running_count + 1,
					  sizeof(const struct drill_record *));
		guest->running[guest->running_count++] = record;
	}
	terminal_show(guest->view.terminal, record);
}

void guest_finish(struct guest *guest, const struct drill_record *record)
{
	size_t place = place_of(guest, record);

	guest->seen = true;
	if (place < guest->running_count)
		guest->running[place] = guest->running[--guest->running_count];
	door_view_finish(&guest->view, record);
	guest->code = exit_code_worst(guest->code, record->judgement.exit_code);
	if (record->report_problem != NULL)
		guest->code = exit_code_worst(guest->code, EXIT_UNTOLD);
	guest->over++;
	look_at_end(guest);
}

void guest_drop(struct guest *guest, const char *why)
{
	if (why != NULL)
		terminal_note(guest->view.terminal, why);
	guest->code = exit_code_worst(guest->code, EXIT_ABORTED);
	guest->over++;
	look_at_end(guest);
}

void guest_note(struct guest *guest, const char *text)
{
	guest->seen = true;
	terminal_note(guest->view.terminal, text);
}

void guest_note_all(struct door *door, const char *text)
{
	for (struct guest *guest = door->guests; guest != NULL; guest = guest->next) {
		if (guest->view.drawn != NULL && !is_over(guest))
			guest_note(guest, text);
	}
}

static void tick_one(struct guest *guest, int64_t now_ms)
{
	bool drained;

	if (guest->view.drawn == NULL) {
		if (now_ms - guest->came_ms > SILENCE_MS)
			guest_free(guest);
		return;
	}
	if (!guest->seen && now_ms - guest->came_ms > PATIENCE_MS)
		guest_note(guest, "waiting: in each environment one drill runs at a time, and what "
				  "is broken there is put right first");
	drained = door_view_drain(&guest->view);
	if (drained && is_over(guest)) {
		say_over(guest, false);
		guest_free(guest);
	}
}

void guests_tick(struct door *door)
{
	int64_t now_ms = clock_ms();
	struct guest *next;

	for (struct guest *guest = door->guests; guest != NULL; guest = next) {
		next = guest->next;
		tick_one(guest, now_ms);
	}
}

void guests_free(struct door *door)
{
	while (door->guests != NULL) {
		struct guest *guest = door->guests;

		if (is_over(guest))
			say_over(guest, !door_view_drain(&guest->view));
		guest_free(guest);
	}
}
