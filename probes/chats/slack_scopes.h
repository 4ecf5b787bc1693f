/* What a token may do, by the scopes that Slack names in its answers. Pure. */
#ifndef PROBES_SLACK_SCOPES_H
#define PROBES_SLACK_SCOPES_H

enum slack_scope_use {
	SLACK_SCOPE_NEEDED, /* nothing works without */
	SLACK_SCOPE_SOME    /* for some channels: the private ones, or the public ones */
};

/* The scopes that are not among these ("chat:write,channels:read"), and what for: owned by the
 * caller; NULL: none is lacking, or it is not known. */
char *slack_scopes_lacking(const char *scopes, enum slack_scope_use use);

#endif
