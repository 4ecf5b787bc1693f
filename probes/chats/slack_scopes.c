/* What a token may do, by the scopes that Slack names in the header X-OAuth-Scopes of its answers.
 * https://docs.slack.dev/reference/scopes */
#include "probes/chats/slack_scopes.h"

#include <stdbool.h>
#include <string.h>

#include "src/base/buf.h"

static const struct {
	const char *scope, *purpose;
	const char *other; /* does the same for other channels; NULL: nothing else does */
	bool is_private;   /* for private channels, which not every team has */
} wanted[] = {
    {"channels:read", "to find public channels", "groups:read", false},
    {"channels:history", "to read public channels", "groups:history", false},
    {"chat:write", "to post and edit the drill's own message", NULL, false},
    {"groups:read", "to find private channels", "channels:read", true},
    {"groups:history", "to read private channels", "channels:history", true},
};

static bool is_listed(const char *scopes, const char *scope)
{
	size_t len = strlen(scope);

	for (const char *at = scopes; (at = strstr(at, scope)) != NULL; at++) {
		if ((at == scopes || strchr(", ", at[-1]) != NULL) &&
		    (at[len] == '\0' || strchr(", ", at[len]) != NULL))
			return true;
	}
	return false;
}

static enum slack_scope_use use_of(const char *scopes, size_t i)
{
	bool has_other = wanted[i].other != NULL && is_listed(scopes, wanted[i].other);

	return has_other || wanted[i].is_private ? SLACK_SCOPE_SOME : SLACK_SCOPE_NEEDED;
}

char *slack_scopes_lacking(const char *scopes, enum slack_scope_use use)
{
	struct buf buf = {0};

	if (scopes[0] == '\0' || is_listed(scopes, "bot")) /* an old kind of token has them all */
		return NULL;
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		if (use_of(scopes, i) != use || is_listed(scopes, wanted[i].scope))
			continue;
		buf_addf(&buf, "%s%s (%s)", buf.len > 0 ? ", " : "", wanted[i].scope,
			 wanted[i].purpose);
	}
	return buf.len > 0 ? buf_take(&buf) : NULL;
}
