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

/* An incoming webhook: the way by which a sender of alerts posts to a channel. */
struct webhook_settings {
	char *chat;    /* by default the only chat there is */
	char *channel; /* "#name" or an id, as expectations have it */
	char *url;     /* a secret reference */
};

struct pipeline {
	char *name;
	struct hop_settings *hops;
	size_t hop_count;
	struct { /* what is sent after a gap, to confirm it; nothing: see config_bisects */
		struct webhook_settings *webhooks;
		size_t webhook_count;
		bool alertmanager; /* an alert straight to each Alertmanager of `hops` */
		int64_t within_ms; /* of each probe */
	} bisect;
};

/* Days on which nothing runs by itself: a file of iCalendar, RFC 5545. */
struct calendar_settings {
	char *name;
	char *file;
};

/* A team, as scenarios name it in `owner`. */
struct owner_settings {
	char *name;
	char *mention; /* who is called in chat: a user's or a group's id, "here", "channel" */
};

/* Mail, by SMTP (RFC 5321). */
struct mail_settings {
	char *server; /* "smtp://mail.example:587" (STARTTLS), "smtps://..."; NULL: none is sent */
	char *user;   /* NULL: nobody logs in */
	char *password; /* a secret reference */
	char *from;
	struct texts to;
};

/* Where people are told when the report channel cannot be reached, or is itself what is broken. Each
 * that is named is used. */
struct second_settings {
	char *chat, *channel; /* channel NULL: none */
	char *webhook;        /* gets a POST of {"text": "..."}; a secret reference; NULL: none */
	struct mail_settings mail;
};

struct environment {
	char *name;
	bool protected_;          /* needs --allow-protected by hand */
	enum effect effect_limit; /* by default `copy` when protected, else `mutation` */
	struct texts hours;       /* see src/calendar/hours.h; none: at any time */
	char *zone;               /* IANA name, of `hours` and of the days of `drills_per_day` */
	struct texts targets;     /* fnmatch(3) patterns of what may be changed; none: anything */
	struct texts holidays;    /* calendars: on their days nothing runs by itself here */
	struct texts blackout;    /* see src/calendar/schedule.h: nor at these times */
	int64_t spacing_ms;       /* between the end of one fault and the next; 0: none */
	int drills_per_day;       /* faults put in per calendar day; 0: any number */
	char *freeze;             /* while this file exists, nothing new is broken here; NULL */
	char *pipeline;           /* the pipeline its alerts pass; NULL: none is known */
	bool bisect;              /* probes may be sent after a gap; by default unless protected */
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
		struct second_settings second;
		char *
		    digest; /* when the digest is posted; see src/calendar/schedule.h; NULL: never */
		char *zone; /* IANA name, of `digest` */
	} report;
	struct owner_settings *owners;
	size_t owner_count;
	struct calendar_settings *calendars;
	size_t calendar_count;
	struct {              /* pages and metrics of `firedrill serve` */
		char *listen; /* "127.0.0.1:9820" */
		char *token;  /* a secret reference; NULL: none is asked for */
		char *url;    /* how people reach the pages, for links in chat; NULL: no links */
	} serve;
	struct {           /* of a dead-man service, which calls people when it is not called */
		char *url; /* a secret reference; NULL: none */
		int64_t every_ms;
	} heartbeat;
	struct {              /* where firedrill hosts its canaries; listen NULL: nowhere */
		char *listen; /* "127.0.0.1:9810" */
	} canary;
	char *freeze; /* while this file exists, nothing new is broken anywhere; NULL */
	struct {      /* what became of every drill */
		int64_t keep_ms;
	} history;
	struct { /* who is told of a fault that stays, whatever the chat does; the system log
			 always is */
		char *url;            /* gets a POST of {"text": "..."}; NULL */
		struct pairs headers; /* of that request; secrets by reference */
		struct texts command; /* argv; the text in FIREDRILL_ALARM; none */
	} alarm;
};

void config_free(struct config *config); /* NULL is fine */

const struct environment *config_environment(const struct config *config, const char *name);
const struct pipeline *config_pipeline(const struct config *config, const char *name);
/* The pipeline of an environment when probes are to be sent there after a gap; else NULL. */
const struct pipeline *config_bisects(const struct config *config,
				      const struct environment *environment);
/* The webhook that posts to a channel; NULL: none is named. */
const struct webhook_settings *config_webhook(const struct pipeline *pipeline, const char *chat,
					      const char *channel);
const struct chat_settings *config_chat(const struct config *config, const char *name);
const struct calendar_settings *config_calendar(const struct config *config, const char *name);
const struct owner_settings *config_owner(const struct config *config, const char *name);
/* A bare address of mail: no name, no blank, nothing that could end a line or a list of them. */
bool config_is_mail_address(const char *text);

#endif
