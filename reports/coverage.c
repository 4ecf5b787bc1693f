/* Which alerting rules and receivers were proven: put together and counted. */
#include "reports/coverage.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/judge.h"

/* Building. */

struct coverage_part *coverage_add_part(struct coverage *coverage, const char *environment,
					const char *pipeline)
{
	struct coverage_part *part;

	coverage->parts =
	    mem_grow(coverage->parts, coverage->part_count + 1, sizeof *coverage->parts);
	part = &coverage->parts[coverage->part_count++];
	*part = (struct coverage_part){.environment = mem_dup(environment),
				       .pipeline = mem_dup(pipeline)};
	return part;
}

static char *text_or_empty(const char *text)
{
	return mem_dup(text != NULL ? text : "");
}

void coverage_add_item(struct coverage_part *part, const struct coverage_item *item)
{
	struct coverage_item copy = *item;

	copy.pipeline = text_or_empty(item->pipeline);
	copy.hop = text_or_empty(item->hop);
	copy.name = text_or_empty(item->name);
	copy.detail = text_or_empty(item->detail);
	copy.cannot = mem_dup(item->cannot);
	copy.last_drill = mem_dup(item->last_drill);
	part->items = mem_grow(part->items, part->item_count + 1, sizeof *part->items);
	part->items[part->item_count++] = copy;
}

void coverage_add_trouble(struct coverage_part *part, const struct coverage_trouble *trouble)
{
	struct coverage_trouble copy = *trouble;

	copy.hop = text_or_empty(trouble->hop);
	copy.text = text_or_empty(trouble->text);
	part->troubles = mem_grow(part->troubles, part->trouble_count + 1, sizeof *part->troubles);
	part->troubles[part->trouble_count++] = copy;
}

static void free_item(struct coverage_item *item)
{
	free(item->pipeline);
	free(item->hop);
	free(item->name);
	free(item->detail);
	free(item->cannot);
	free(item->last_drill);
}

void coverage_done(struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->part_count; i++) {
		struct coverage_part *part = &coverage->parts[i];

		for (size_t j = 0; j < part->item_count; j++)
			free_item(&part->items[j]);
		for (size_t j = 0; j < part->trouble_count; j++) {
			free(part->troubles[j].hop);
			free(part->troubles[j].text);
		}
		free(part->items);
		free(part->troubles);
		free(part->environment);
		free(part->pipeline);
	}
	free(coverage->parts);
	*coverage = (struct coverage){0};
}

/* Putting together. */

/* What a receiver posts to may change; it stays the same receiver. */
static int by_identity(const void *a, const void *b)
{
	const struct coverage_item *left = a, *right = b;
	int order = (left->kind > right->kind) - (left->kind < right->kind);

	order = order != 0 ? order : strcmp(left->pipeline, right->pipeline);
	order = order != 0 ? order : strcmp(left->hop, right->hop);
	order = order != 0 ? order : strcmp(left->name, right->name);
	if (order == 0 && left->kind == COVERAGE_RULE)
		order = strcmp(left->detail, right->detail);
	return order;
}

static int by_urgency(const void *a, const void *b)
{
	const struct coverage_item *left = a, *right = b;
	int order = (left->kind > right->kind) - (left->kind < right->kind);

	order = order != 0 ? order : (left->state > right->state) - (left->state < right->state);
	order = order != 0 ? order
			   : (left->last_wall_ms > right->last_wall_ms) -
				 (left->last_wall_ms < right->last_wall_ms);
	order = order != 0 ? order : strcmp(left->name, right->name);
	return order != 0 ? order : by_identity(a, b);
}

static void swap_texts(char **a, char **b)
{
	char *kept = *a;

	*a = *b;
	*b = kept;
}

/* The first gets what the second knows more. */
static void merge(struct coverage_item *item, struct coverage_item *more)
{
	if (more->listed && !item->listed) {
		swap_texts(&item->detail, &more->detail);
		swap_texts(&item->cannot, &more->cannot);
		item->listed = true;
	} else if (more->listed && more->cannot == NULL) { /* one of two like it can */
		swap_texts(&item->cannot, &more->cannot);
	}
	if (more->last_wall_ms > item->last_wall_ms) {
		swap_texts(&item->last_drill, &more->last_drill);
		item->last_wall_ms = more->last_wall_ms;
		item->proofs = more->proofs;
		item->p50_ms = more->p50_ms;
		item->p99_ms = more->p99_ms;
	}
	if (item->first_wall_ms == 0 ||
	    (more->first_wall_ms != 0 && more->first_wall_ms < item->first_wall_ms))
		item->first_wall_ms = more->first_wall_ms;
	free_item(more);
}

static bool was_asked(const struct coverage_part *part, const struct coverage_item *item)
{
	for (size_t i = 0; i < part->trouble_count; i++) {
		if (part->troubles[i].kinds[item->kind] &&
		    strcmp(part->troubles[i].hop, item->hop) == 0)
			return false;
	}
	return true;
}

/* A proof within the time asked for says more than a look at a moment. */
static enum coverage_state state_of(const struct coverage *coverage,
				    const struct coverage_part *part,
				    const struct coverage_item *item)
{
	if (!item->listed && was_asked(part, item))
		return COVERAGE_GONE;
	if (item->last_wall_ms > 0 &&
	    item->last_wall_ms >= coverage->now_wall_ms - coverage->since_ms)
		return COVERAGE_PROVEN;
	if (item->cannot != NULL)
		return COVERAGE_CANNOT;
	return item->last_wall_ms > 0 ? COVERAGE_OUTDATED : COVERAGE_NEVER;
}

static void finish_part(const struct coverage *coverage, struct coverage_part *part)
{
	size_t kept = 0;

	if (part->item_count == 0)
		return;
	qsort(part->items, part->item_count, sizeof *part->items, by_identity);
	for (size_t i = 1; i < part->item_count; i++) {
		if (by_identity(&part->items[kept], &part->items[i]) == 0)
			merge(&part->items[kept], &part->items[i]);
		else
			part->items[++kept] = part->items[i];
	}
	part->item_count = kept + 1;
	for (size_t i = 0; i < part->item_count; i++)
		part->items[i].state = state_of(coverage, part, &part->items[i]);
	qsort(part->items, part->item_count, sizeof *part->items, by_urgency);
}

void coverage_finish(struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->part_count; i++)
		finish_part(coverage, &coverage->parts[i]);
}

/* Counting. */

static bool counts(const struct coverage_item *item)
{
	return item->state != COVERAGE_GONE &&
	       !(item->state == COVERAGE_CANNOT && item->kind == COVERAGE_RECEIVER);
}

struct coverage_count coverage_count(const struct coverage_part *part, enum coverage_kind kind)
{
	struct coverage_count count = {.known = part->tells[kind], .percent = 100};

	for (size_t i = 0; i < part->trouble_count; i++)
		count.known &= !part->troubles[i].kinds[kind];
	for (size_t i = 0; i < part->item_count; i++) {
		const struct coverage_item *item = &part->items[i];

		if (item->kind != kind)
			continue;
		count.states[item->state]++;
		count.total += counts(item);
	}
	if (count.total > 0)
		count.percent = (unsigned)(count.states[COVERAGE_PROVEN] * 100 / count.total);
	return count;
}

enum exit_code coverage_exit_code(const struct coverage *coverage, unsigned require)
{
	enum exit_code code = EXIT_PASS;

	for (size_t i = 0; i < coverage->part_count; i++) {
		const struct coverage_part *part = &coverage->parts[i];

		if (part->trouble_count > 0)
			code = exit_code_worst(code, EXIT_INCONCLUSIVE);
		for (int kind = 0; kind < COVERAGE_KIND_COUNT; kind++) {
			struct coverage_count count =
			    coverage_count(part, (enum coverage_kind)kind);

			if (count.known && count.percent < require)
				code = exit_code_worst(code, EXIT_GAP);
		}
	}
	return code;
}
