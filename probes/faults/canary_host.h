/* The canaries: GET /canary/NAME/health, hosted by firedrill itself, polled by the user's monitor.
 *
 * Every NAME of [a-z0-9-] is healthy until a drill breaks it.  A healthy answer is 200 with a body
 * that is also a valid Prometheus exposition (a comment), so that Prometheus' own `up` works on it:
 * https://prometheus.io/docs/instrumenting/exposition_formats/ */
#ifndef PROBES_CANARY_HOST_H
#define PROBES_CANARY_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/error.h"

struct event_base;
struct canary_host;

#define CANARY_NAME_LIMIT 63 /* bytes */
/* A request with this header is firedrill's own look, not a poll of the monitor. */
#define CANARY_OWN_HEADER "Firedrill-Look"
/* In the body of a broken canary, before the drill's id. */
#define CANARY_BROKEN_BY " is broken on purpose by drill "

/* listen: "127.0.0.1:9810"; port 0 lets the system choose. NULL with an error when it cannot be
 * listened on. */
MUST_CHECK struct canary_host *canary_host_new(struct event_base *base, const char *listen,
					       struct error *error);
void canary_host_free(struct canary_host *host); /* before the base; NULL is fine */

uint16_t canary_host_port(const struct canary_host *host);
const char *canary_host_url(const struct canary_host *host); /* "http://127.0.0.1:9810", borrowed */

bool canary_is_name(const char *name);

/* How a broken canary answers. */
struct canary_answer {
	enum canary_mode mode;
	int status;       /* CANARY_STATUS */
	int64_t delay_ms; /* CANARY_SLOW */
	const char *body; /* CANARY_BODY; copied */
};

/*
 * Breaks one canary for a drill.  False when another drill has it broken.  All names share one
 * port, so CANARY_REFUSED breaks all of them, and needs all of them healthy.
 */
MUST_CHECK bool canary_host_break(struct canary_host *host, const char *name, const char *drill,
				  const struct canary_answer *answer, struct error *error);
/* Makes healthy what this drill has broken; true also when that is nothing. False when the port
 * cannot be opened again. */
MUST_CHECK bool canary_host_heal(struct canary_host *host, const char *name, const char *drill,
				 struct error *error);
/* The drill that has the canary, or the whole port, broken; NULL: it is healthy. Borrowed until the
 * next turn of the loop. */
const char *canary_host_breaker(const struct canary_host *host, const char *name);

/* The monitor's polls of one canary since the host was started. */
struct canary_polls {
	size_t healthy;          /* answered as healthy */
	size_t broken;           /* met the fault, since it was last broken */
	int64_t last_healthy_ms; /* clock_ms(); -1: never */
};
struct canary_polls canary_host_polls(const struct canary_host *host, const char *name);

#endif
