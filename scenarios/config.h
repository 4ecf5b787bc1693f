/* firedrill.cfg as its author wrote it.  Plain data, immutable once loaded; times are ms, every
 * pointer is owned by the struct. */
#ifndef SCENARIOS_CONFIG_H
#define SCENARIOS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scenarios/scenario.h"
#include "src/base/words.h"

struct chat_settings {
	char *name;
	char *type;              /* "slack" */
	char *token;             /* a secret reference */
	char *url;               /* API base, "https://slack.com/api" by default */
	int64_t poll_ms;         /* the time between two reads of one channel */
	int64_t timeout_ms;      /* of one request */
	int requests_per_minute; /* reading, over all channels; 0: the chat's usual limit */
	int64_t patience_ms;     /* how long after a deadline a failing chat is still tried */
};

/* A station of an alert pipeline that can be asked. */
struct hop_settings {
	char *type;           /* "prometheus", "alertmanager", "grafana", "loki", "http-json" */
	char *name;           /* for people; by default the type */
	char *url;            /* base URL, with a path prefix if it has one */
	struct pairs headers; /* secrets by reference */
	int64_t timeout_ms;   /* of one request */
	char *query;          /* loki: LogQL stream selector; http-json: appended to url */
	char *path;    /* http-json: "data.items[*].labels.alertname"; what must hold the needles */
	char *station; /* http-json, loki: which station it is: "log" by default for loki */
};

struct pipeline {
	char *name;
	struct hop_settings *hops;
	size_t hop_count;
};

struct environment {
	char *name;
	bool protected_;          /* needs --allow-protected by hand */
	enum effect effect_limit; /* by default `copy` when protected, else `mutation` */
	struct texts hours;       /* see src/calendar/hours.h; none: at any time */
	char *zone;               /* IANA name, of `hours` and of the days of `drills_per_day` */
	struct texts targets;     /* fnmatch(3) patterns of what may be changed; none: anything */
	int64_t spacing_ms;       /* between the end of one fault and the next; 0: none */
	int drills_per_day;       /* faults put in per calendar day; 0: any number */
	char *freeze;             /* while this file exists, nothing new is broken here; NULL */
	char *pipeline;           /* the pipeline its alerts pass; NULL: none is known */
	struct pairs variables;
};

struct config {
	char *file;      /* where it was read from */
	char *state;     /* path of the state file */
	char *scenarios; /* folder of scenario files */
	struct chat_settings *chats;
	size_t chat_count;
	struct pipeline *pipelines;
	size_t pipeline_count;
	struct environment *environments;
	size_t environment_count;
	struct { /* where reports go besides the watched channels; chat NULL: nowhere else */
		char *chat;
		char *channel;
		bool announce; /* post in the watched channels (default true) */
	} report;
	struct {              /* where firedrill hosts its canaries; listen NULL: nowhere */
		char *listen; /* "127.0.0.1:9810" */
	} canary;
	char *freeze; /* while this file exists, nothing new is broken anywhere; NULL */
	struct {      /* who is told of a fault that stays, whatever the chat does; the system log
			 always is */
		char *url;            /* gets a POST of {"text": "..."}; NULL */
		struct pairs headers; /* of that request; secrets by reference */
		struct texts command; /* argv; the text in FIREDRILL_ALARM; none */
	} alarm;
};

void config_free(struct config *config); /* NULL is fine */

const struct environment *config_environment(const struct config *config, const char *name);
const struct pipeline *config_pipeline(const struct config *config, const char *name);
const struct chat_settings *config_chat(const struct config *config, const char *name);

#endif
