/* Where an alert became more than one: as far as the stations tell. */
#include <stdlib.h>
#include <string.h>

#include "src/base/duration.h"
#include "src/base/mem.h"
#include "src/engine/attribution.h"
#include "src/engine/gap_parts.h"

/* What the stations of one kind had of it. */
struct tally {
	const struct hop_told *told;  /* borrowed; the one that had most; NULL: none had it */
	const struct hop_told *other; /* borrowed; another that had it, too; NULL: none */
	int count;                    /* 0: not known */
};

static const struct {
	const char *cause, *advice;
} usual[HOP_COUNT] = {
    [HOP_LOG] = {"the fault leaves more than one line",
		 "group what alerts on them, or raise `at_most`"},
    [HOP_METRIC] = {"more than one series shows the fault",
		    "aggregate in the rule's expression (sum by), or raise `at_most`"},
    [HOP_RULE] = {"the rule raises more than one alert: their labels differ, and each is told",
		  "aggregate in the rule's expression (sum by), or group them in the route "
		  "(group_by)"},
    [HOP_ALERTMANAGER] =
	{"Alertmanager has it more than once, with different labels: two senders, "
	 "or replicas that add a label of their own",
	 "drop the label that differs with alert_relabel_configs, or group them in "
	 "the route (group_by)"},
    [HOP_RECEIVER] = {"it is posted more than once: by several receivers, or several integrations "
		      "of one",
		      "look at `continue` of the routes and at the channels that the receivers "
		      "post to"},
};

static struct tally tally_of(const struct gap_trail *trail, enum hop hop)
{
	struct tally tally = {0};

	for (size_t i = 0; i < trail->count; i++) {
		const struct hop_told *told = &trail->list[i];

		if (told->about != trail->about || told->hop != hop || told->state != HOP_HAD_IT)
			continue;
		if (tally.told == NULL || told->count > tally.count) {
			tally.other = tally.told;
			tally.told = told;
			tally.count = told->count;
		} else {
			tally.other = told;
		}
	}
	return tally;
}

/* Peers may all have the alert, but one of them only posts it. */
static bool is_more_than_one(const struct tally *tally, enum hop hop)
{
	return tally->count > 1 || (hop == HOP_RECEIVER && tally->other != NULL);
}

static void tell_counts(const struct gap_trail *trail, char **sentence)
{
	for (enum hop hop = HOP_EMISSION + 1; hop < HOP_CHAT; hop++) {
		struct tally tally = tally_of(trail, hop);

		if (tally.told == NULL || tally.count == 0)
			continue;
		if (hop == HOP_RECEIVER)
			gap_add(sentence, mem_printf("%d integration%s to a chat", tally.count,
						     tally.count == 1 ? " posts it" : "s post it"));
		else
			gap_add(sentence, mem_printf("%s has it %s", hop_name(hop),
						     tally.count == 1 ? "once" : "more than once"));
	}
}

static void tell_peers(const struct tally *tally, struct gap *gap)
{
	const char *one = tally->told->name, *other = tally->other->name;

	gap->cause = mem_printf("%s and %s both posted it: peers do so when they do not hear each "
				"other, or are not set up as peers",
				one != NULL ? one : "one", other != NULL ? other : "another");
	gap->advice = mem_dup("look at alertmanager_cluster_members of each, and at the network "
			      "between them");
}

static void tell_many(const struct tally *tally, enum hop hop, struct gap *gap)
{
	const struct hop_told *told = tally->told;

	if (hop == HOP_RECEIVER && tally->other != NULL) {
		tell_peers(tally, gap);
		return;
	}
	gap->cause = mem_dup(told->cause != NULL ? told->cause : usual[hop].cause);
	gap->advice = mem_dup(told->advice != NULL ? told->advice : usual[hop].advice);
}

/* It fired, was resolved and fired again: then the condition itself came twice. */
static bool tell_flapping(const struct evidence *evidence, struct gap_trail *trail, struct gap *gap)
{
	int64_t pause_ms;
	char length[32];

	if (attribution_refires(evidence, &evidence->expect[gap->expect], &pause_ms) == 0)
		return false;
	duration_format(pause_ms, length, sizeof length);
	gap->cause = mem_printf("it fired again %s after it was resolved: its condition came and "
				"went",
				length);
	gap->advice = mem_dup("give the rule a longer `for`, keep_firing_for, or a longer range");
	trail->after = &trail->list[0];
	trail->before = NULL;
	for (size_t i = 1; i < trail->count && trail->before == NULL; i++) {
		if (trail->list[i].about == trail->about && trail->list[i].state == HOP_HAD_IT)
			trail->before = &trail->list[i];
	}
	return trail->before != NULL;
}

/* The texts of the first two messages. */
static bool are_alike(const struct evidence *evidence, size_t expect)
{
	const struct expectation_evidence *all = &evidence->expect[expect];
	const struct sighting *first = NULL;

	for (size_t i = 0; i < all->sighting_count; i++) {
		const struct sighting *sighting = &all->sightings[i];

		if (sighting->resolved || sighting->channel != NULL)
			continue;
		if (first != NULL)
			return sighting->text != NULL && first->text != NULL &&
			       strcmp(first->text, sighting->text) == 0;
		first = sighting;
	}
	return false;
}

static bool tell_unknown(const struct evidence *evidence, struct gap_trail *trail, struct gap *gap)
{
	gap_find_ends(trail);
	trail->before = &trail->list[trail->count - 1];
	while (trail->before->about != trail->about)
		trail->before--;
	if (trail->after == NULL)
		return false;
	gap_add_unasked(trail, &gap->evidence);
	gap_add(&gap->evidence,
		mem_printf("no station tells where the others came from; the first two messages %s",
			   are_alike(evidence, gap->expect) ? "say the same" : "differ"));
	gap->advice = mem_dup("look for a second sender of the same alert that is not among the "
			      "stations, such as Grafana or another Prometheus");
	return true;
}

bool gap_double(const struct evidence *evidence, struct gap_trail *trail, struct gap *gap)
{
	tell_counts(trail, &gap->evidence);
	for (enum hop hop = HOP_EMISSION; hop < HOP_CHAT; hop++) {
		struct tally tally = tally_of(trail, hop);

		if (tally.told == NULL)
			continue;
		if (!is_more_than_one(&tally, hop)) {
			trail->after = tally.told;
			continue;
		}
		if (trail->after == NULL)
			break;
		trail->before = tally.told;
		tell_many(&tally, hop, gap);
		return true;
	}
	trail->after = trail->before = NULL;
	return tell_flapping(evidence, trail, gap) || tell_unknown(evidence, trail, gap);
}
