/* The vocabulary. */
#include "src/base/words.h"

#include <assert.h>
#include <string.h>

#define LENGTH(list) (sizeof(list) / sizeof((list)[0]))

static const char *const kinds[] = {
    [KIND_NONE] = "none",
    [KIND_BAD_QUEUE_NAME] = "bad-queue-name",
    [KIND_MISSING_ENV] = "missing-env",
    [KIND_DEAD_HEALTH] = "dead-health",
    [KIND_ERROR_LOG] = "error-log",
    [KIND_SILENCE] = "silence",
    [KIND_METRIC_SPIKE] = "metric-spike",
};
static const char *const vias[] = {
    [VIA_NONE] = "none",     [VIA_HTTP] = "http",         [VIA_PROCESS] = "process",
    [VIA_CANARY] = "canary", [VIA_RABBITMQ] = "rabbitmq", [VIA_EXEC] = "exec",
};
static const char *const effects[] = {
    [EFFECT_EMISSION] = "emission",
    [EFFECT_SELF_EXPIRING] = "self-expiring",
    [EFFECT_COPY] = "copy",
    [EFFECT_MUTATION] = "mutation",
    [EFFECT_IRREVERSIBLE] = "irreversible",
};
static const char *const phases[] = {
    [PHASE_GUARD] = "guard",       [PHASE_BASELINE] = "baseline", [PHASE_ANNOUNCE] = "announce",
    [PHASE_RECORD] = "record",     [PHASE_INJECT] = "inject",     [PHASE_WITNESS] = "witness",
    [PHASE_WATCH] = "watch",       [PHASE_REVERT] = "revert",     [PHASE_CONFIRM] = "confirm",
    [PHASE_RECOVERY] = "recovery", [PHASE_EXPLAIN] = "explain",   [PHASE_REPORT] = "report",
    [PHASE_DONE] = "done",
};
static const char *const fault_states[] = {
    [FAULT_ABSENT] = "absent",       [FAULT_INTENT] = "intent",
    [FAULT_INJECTING] = "injecting", [FAULT_INJECTED] = "injected",
    [FAULT_REVERTING] = "reverting", [FAULT_UNCONFIRMED] = "unconfirmed",
    [FAULT_CLEAN] = "clean",         [FAULT_STUCK] = "stuck",
};
static const char *const hops[] = {
    [HOP_EMISSION] = "emission",
    [HOP_LOG] = "log",
    [HOP_METRIC] = "metric",
    [HOP_RULE] = "rule",
    [HOP_ALERTMANAGER] = "alertmanager",
    [HOP_RECEIVER] = "receiver",
    [HOP_CHAT] = "chat",
};
static const char *const hop_states[] = {
    [HOP_NOT_ASKED] = "not-asked",
    [HOP_HAD_IT] = "had-it",
    [HOP_LACKED_IT] = "lacked-it",
};
static const char *const abouts[] = {
    [ABOUT_ALERT] = "alert",
    [ABOUT_TEXT] = "text",
    [ABOUT_END] = "resolved",
};
static const char *const hows[] = {
    [RESOLVED_NOT] = "",
    [RESOLVED_MESSAGE] = "message",
    [RESOLVED_EDIT] = "edit",
    [RESOLVED_REPLY] = "reply",
};
static const char *const findings[] = {
    [FINDING_UNKNOWN] = "unknown",
    [FINDING_DELIVERED] = "delivered",
    [FINDING_SILENT] = "silent",
    [FINDING_LATE] = "late",
    [FINDING_MISSING] = "missing",
    [FINDING_DUPLICATE] = "duplicate",
    [FINDING_WRONG_CHANNEL] = "wrong-channel",
    [FINDING_UNREADABLE] = "unreadable",
    [FINDING_UNRESOLVED] = "unresolved",
    [FINDING_UNEXPECTED] = "unexpected",
};
static const char *const verdicts[] = {
    [VERDICT_PASS] = "pass",       [VERDICT_GAP] = "gap",
    [VERDICT_FLAKY] = "flaky",     [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_REFUSED] = "refused", [VERDICT_ABORTED] = "aborted",
};
static const char *const origins[] = {
    [ORIGIN_HAND] = "hand",
    [ORIGIN_SCHEDULE] = "schedule",
    [ORIGIN_REPEAT] = "repeat",
};
static const char *const reasons[] = {
    [REASON_NONE] = "",
    [REASON_UNOBSERVABLE] = "unobservable",
    [REASON_FAULT_HAD_NO_EFFECT] = "fault-had-no-effect",
    [REASON_CONFOUNDED] = "confounded",
};

static_assert(LENGTH(kinds) == KIND_COUNT, "a kind has no name");
static_assert(LENGTH(vias) == VIA_COUNT, "a driver has no name");
static_assert(LENGTH(effects) == EFFECT_COUNT, "an effect has no name");
static_assert(LENGTH(phases) == PHASE_COUNT, "a phase has no name");
static_assert(LENGTH(fault_states) == FAULT_STATE_COUNT, "a fault state has no name");
static_assert(LENGTH(hops) == HOP_COUNT, "a station has no name");
static_assert(LENGTH(hop_states) == HOP_STATE_COUNT, "a station's state has no name");
static_assert(LENGTH(abouts) == ABOUT_COUNT, "what stations speak of has no name");
static_assert(LENGTH(hows) == RESOLVED_HOW_COUNT, "a way to resolve has no name");
static_assert(LENGTH(findings) == FINDING_COUNT, "a finding has no name");
static_assert(LENGTH(verdicts) == VERDICT_COUNT, "a verdict has no name");
static_assert(LENGTH(origins) == ORIGIN_COUNT, "an origin has no name");
static_assert(LENGTH(reasons) == REASON_COUNT, "a reason has no name");

/* The word's place in the list, or -1. */
static int find(const char *const *list, size_t length, const char *word)
{
	for (size_t i = 0; i < length; i++) {
		if (strcmp(list[i], word) == 0)
			return (int)i;
	}
	return -1;
}

const char *kind_name(enum fault_kind kind)
{
	return kinds[kind];
}

const char *via_name(enum fault_via via)
{
	return vias[via];
}

const char *effect_name(enum effect effect)
{
	return effects[effect];
}

const char *phase_name(enum phase phase)
{
	return phases[phase];
}

const char *fault_state_name(enum fault_state state)
{
	return fault_states[state];
}

const char *hop_name(enum hop hop)
{
	return hops[hop];
}

const char *hop_state_name(enum hop_state state)
{
	return hop_states[state];
}

const char *hop_about_name(enum hop_about about)
{
	return abouts[about];
}

const char *resolved_how_name(enum resolved_how how)
{
	return hows[how];
}

const char *finding_name(enum finding finding)
{
	return findings[finding];
}

const char *verdict_name(enum verdict verdict)
{
	return verdicts[verdict];
}

const char *origin_name(enum origin origin)
{
	return origins[origin];
}

const char *reason_name(enum reason reason)
{
	return reasons[reason];
}

bool via_parse(const char *word, enum fault_via *ret_via)
{
	int at = find(vias, LENGTH(vias), word);

	if (at >= 0)
		*ret_via = (enum fault_via)at;
	return at >= 0;
}

bool hop_parse(const char *word, enum hop *ret_hop)
{
	int at = find(hops, LENGTH(hops), word);

	if (at >= 0)
		*ret_hop = (enum hop)at;
	return at >= 0;
}

bool fault_state_parse(const char *word, enum fault_state *ret_state)
{
	int at = find(fault_states, LENGTH(fault_states), word);

	if (at >= 0)
		*ret_state = (enum fault_state)at;
	return at >= 0;
}
