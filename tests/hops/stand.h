/* The fixture of hop tests: a station that answers as it is told, observed and explained. */
#ifndef TESTS_HOPS_STAND_H
#define TESTS_HOPS_STAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/hops/hop.h"

#define STAND_DRILL    "fd-k3q9x2m7"
#define STAND_ANSWERS  8
#define STAND_FINDINGS 6
#define STAND_TIMES    8

struct evhttp;

struct stand {
	struct event_base *base;    /* owned */
	struct http *http;          /* owned */
	struct evhttp *server;      /* owned */
	char url[64];               /* "http://127.0.0.1:PORT" */
	struct hop_context context; /* its secrets are owned */
	struct hop_settings settings;
	struct hop_want want; /* injected 30 s ago, deadline now */

	/* How it answers; 404 to all else. */
	struct stand_answer {
		const char *path; /* borrowed; the beginning of what is asked */
		int status;
		char *body;       /* owned */
		const char *date; /* borrowed; NULL: the true one */
		bool hangs;
	} answers[STAND_ANSWERS];
	size_t answer_count;

	/* What it saw. */
	char asked[16][1024]; /* "GET /path?query" */
	size_t asked_count;
	char authorization[128]; /* the last one */
	char posted[4096];       /* the last body; "" */

	/* What was observed; json and error are owned. NULL: not made. */
	struct hop_observation observed[HOP_TIME_COUNT];
	bool made[HOP_TIME_COUNT];

	/* What was explained. */
	struct stand_finding {
		enum hop hop;
		enum hop_state state;
		enum hop_about about;
		int count;
		int64_t at_wall_ms;
		char name[64], evidence[2048], cause[512], advice[512]; /* "" when NULL */
	} findings[STAND_FINDINGS];
	size_t finding_count;

	char times[STAND_TIMES][32]; /* of stand_time */
	size_t time_count;
};

int stand_setup(void **state); /* *state becomes a struct stand */
int stand_teardown(void **state);
#define stand_test(f) cmocka_unit_test_setup_teardown(f, stand_setup, stand_teardown)

/* A literal as settings hold it. */
char *stand_words(const char *text);

/* Answers 200 with this to everything that begins so; replaces an earlier one. */
struct stand_answer *stand_answers(struct stand *stand, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A time relative to the injection, in RFC 3339; borrowed for the next seven calls. */
const char *stand_time(struct stand *stand, int64_t after_ms);

/* Observes once, and keeps it as what was seen at that time. */
void stand_observe(struct stand *stand, const struct hop_driver *driver, enum hop_time time);

/* Explains what was observed so far. */
void stand_explain(struct stand *stand, const struct hop_driver *driver);

/* Fails the test when the finding is not this. A part NULL: anything, or nothing. */
void stand_says(const struct stand *stand, size_t finding, enum hop hop, enum hop_state state,
		const char *evidence, const char *cause);

#endif
