/* The second path to people. */
#include "probes/courier.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

#include "probes/courier_parts.h"
#include "scenarios/config.h"
#include "src/base/buf.h"
#include "src/base/clock.h"
#include "src/base/id.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define TRIES_MAX    3
#define PAUSE_MS     2000  /* before the second try; three times as long before the third */
#define AFTER_MAX_MS 60000 /* no chat keeps us waiting for longer */
#define RUNS_MAX     32    /* letters in flight */
#define SUBJECT_MAX  300   /* bytes; what is longer is cut */
#define TEXT_MAX     16384 /* the same */

/* One way of a letter. */
struct leg {
	struct run *run; /* borrowed */
	enum courier_way way;
	int tries;
	struct courier_try *trial; /* owned while in flight */
	struct event *again;       /* owned; NULL: this way is not named */
	bool over;
	char *error; /* owned; NULL: it arrived, or is under way */
	char *part;  /* owned; it arrived, but not for all; NULL */
};

/* A letter in flight. */
struct run {
	struct courier *courier; /* borrowed */
	struct courier_text text;
	char *id; /* owned; of the mail */
	struct leg legs[COURIER_WAYS];
	struct event *end; /* owned; tells from the loop that all ways are over */
	bool crowded;
	courier_done_fn *done;
	void *arg;        /* borrowed, for done */
	struct run *next; /* owned */
};

struct courier {
	struct courier_world world;
	struct run *first; /* owned */
	size_t count;
};

static void run_free(struct run *run)
{
	for (enum courier_way way = 0; way < COURIER_WAYS; way++) {
		courier_try_cancel(run->legs[way].trial);
		if (run->legs[way].again != NULL)
			event_free(run->legs[way].again);
		free(run->legs[way].error);
		free(run->legs[way].part);
	}
	event_free(run->end);
	free(run->text.subject);
	free(run->text.text);
	free(run->text.mark);
	free(run->text.plain);
	free(run->id);
	free(run);
}

static void unlink_run(struct run *run)
{
	struct run **at = &run->courier->first;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	run->courier->count--;
}

/* The end. */

static void add_by(struct buf *by, const struct leg *leg)
{
	if (leg->again != NULL && leg->error == NULL)
		buf_addf(by, "%s%s", by->len > 0 ? ", " : "", courier_way_name(leg->way));
}

static void add_trouble(struct buf *trouble, const struct leg *leg)
{
	const char *why = leg->error != NULL ? leg->error : leg->part;

	if (why != NULL)
		buf_addf(trouble, "%s%s: %s", trouble->len > 0 ? "; " : "",
			 courier_way_name(leg->way), why);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct run *run = arg;
	struct buf by = {0}, trouble = {0};
	courier_done_fn *done = run->done;
	void *done_arg = run->arg;
	struct courier_end end;

	(void)fd;
	(void)what;
	for (enum courier_way way = 0; way < COURIER_WAYS; way++) {
		add_by(&by, &run->legs[way]);
		add_trouble(&trouble, &run->legs[way]);
	}
	if (run->crowded)
		buf_adds(&trouble, "too many letters at once");
	else if (by.len == 0 && trouble.len == 0)
		buf_adds(&trouble, "no second path is configured (report.second)");
	end = (struct courier_end){.by = by.len > 0 ? buf_text(&by) : NULL,
				   .trouble = trouble.len > 0 ? buf_text(&trouble) : NULL};
	unlink_run(run);
	run_free(run);
	done(done_arg, &end);
	buf_done(&by);
	buf_done(&trouble);
}

static void end_if_over(struct run *run)
{
	for (enum courier_way way = 0; way < COURIER_WAYS; way++) {
		if (run->legs[way].again != NULL && !run->legs[way].over)
			return;
	}
	event_active(run->end, EV_TIMEOUT, 1);
}

/* One way. */

static int64_t pause_of(const struct leg *leg, const struct courier_tried *tried)
{
	int64_t pause_ms = leg->tries == 1 ? PAUSE_MS : 3 * PAUSE_MS;

	if (tried->after_ms > pause_ms)
		pause_ms = tried->after_ms;
	return pause_ms < AFTER_MAX_MS ? pause_ms : AFTER_MAX_MS;
}

static void on_tried(void *arg, const struct courier_tried *tried)
{
	struct leg *leg = arg;
	int64_t pause_ms = pause_of(leg, tried);
	const struct timeval pause = {.tv_sec = pause_ms / 1000, .tv_usec = pause_ms % 1000 * 1000};

	leg->trial = NULL;
	if (tried->error != NULL && tried->again && leg->tries < TRIES_MAX) {
		(void)event_add(leg->again, &pause);
		return;
	}
	leg->error = mem_dup(tried->error);
	leg->part = mem_dup(tried->part);
	secret_mask(leg->run->courier->world.secrets, leg->error);
	secret_mask(leg->run->courier->world.secrets, leg->part);
	leg->over = true;
	end_if_over(leg->run);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct leg *leg = arg;
	struct run *run = leg->run;

	(void)fd;
	(void)what;
	leg->tries++;
	leg->trial =
	    courier_try_start(&run->courier->world, leg->way, &run->text, run->id, on_tried, leg);
}

/* Setting off. */

/* Foreign text was cleaned of both characters before. */
static void add_plain(struct buf *buf, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text != '*' && *text != '`')
			buf_add(buf, text, 1);
	}
}

/* Cut between characters, without secrets. Owned by the caller. */
static char *cleaned(const struct courier *courier, const char *text, size_t most)
{
	struct buf buf = {.limit = most};
	char *clean;

	buf_adds(&buf, text);
	while (buf.full && buf.len > 0 && ((unsigned char)text[buf.len] & 0xc0) == 0x80)
		buf.data[--buf.len] = '\0';
	clean = buf_take(&buf);
	secret_mask(courier->world.secrets, clean);
	return clean;
}

static char *id_of_mail(void)
{
	char id[ID_LEN + 1];

	id_new(id);
	return mem_printf("%s.%" PRId64, id, clock_wall_ms());
}

static void take_text(struct run *run, const struct courier_letter *letter)
{
	struct buf plain = {0};

	run->text.subject = cleaned(run->courier, letter->subject, SUBJECT_MAX);
	run->text.text = cleaned(run->courier, letter->text, TEXT_MAX);
	run->text.mark = mem_dup(letter->mark);
	add_plain(&plain, run->text.subject);
	buf_adds(&plain, "\n\n");
	add_plain(&plain, run->text.text);
	run->text.plain = buf_take(&plain);
}

static void start_legs(struct run *run)
{
	static const struct timeval at_once = {0};
	struct courier *courier = run->courier;

	for (enum courier_way way = 0; way < COURIER_WAYS; way++) {
		struct leg *leg = &run->legs[way];

		*leg = (struct leg){.run = run, .way = way};
		if (run->crowded || !courier_way_is_named(courier->world.config, way))
			continue;
		leg->again = event_new(courier->world.base, -1, 0, on_turn, leg);
		if (leg->again == NULL || event_add(leg->again, &at_once) != 0)
			abort(); /* out of memory, as in mem.h */
	}
}

/* Public. */

struct courier *courier_new(const struct courier_world *world)
{
	struct courier *courier = mem_zalloc(sizeof *courier);

	courier->world = *world;
	return courier;
}

void courier_free(struct courier *courier)
{
	if (courier == NULL)
		return;
	while (courier->first != NULL) {
		struct run *gone = courier->first;

		courier->first = gone->next;
		run_free(gone);
	}
	free(courier);
}

bool courier_has_ways(const struct courier *courier)
{
	for (enum courier_way way = 0; way < COURIER_WAYS; way++) {
		if (courier_way_is_named(courier->world.config, way))
			return true;
	}
	return false;
}

void courier_send(struct courier *courier, const struct courier_letter *letter,
		  courier_done_fn *done, void *arg)
{
	struct run *run = mem_zalloc(sizeof *run);

	*run = (struct run){.courier = courier,
			    .id = id_of_mail(),
			    .end = event_new(courier->world.base, -1, 0, on_end, run),
			    .crowded = courier->count >= RUNS_MAX,
			    .done = done,
			    .arg = arg,
			    .next = courier->first};
	if (run->end == NULL)
		abort(); /* out of memory, as in mem.h */
	courier->first = run;
	courier->count++;
	take_text(run, letter);
	start_legs(run);
	end_if_over(run);
}

bool courier_is_idle(const struct courier *courier)
{
	return courier->first == NULL;
}
