/* The table of the overview: scenarios down, environments across, and what is planned where. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/config.h"
#include "scenarios/load.h"
#include "src/base/mem.h"
#include "src/program/serve/pages_parts.h"

static void add_environments(struct pages_table *table, const struct config *config,
			     const char *only)
{
	size_t most = config->environment_count + 1;

	table->names = mem_grow(NULL, most, sizeof *table->names);
	table->protected_ = mem_grow(NULL, most, sizeof *table->protected_);
	for (size_t i = 0; i < config->environment_count; i++) {
		const struct environment *environment = &config->environments[i];
		size_t n = table->environment_count;

		if (only != NULL && strcmp(only, environment->name) != 0)
			continue;
		table->names[n] = environment->name;
		table->protected_[n] = environment->protected_;
		table->environment_count++;
	}
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct pages_table *table = arg;
	const size_t *left = a, *right = b;

	return strcmp(table->rows[*left].scenario, table->rows[*right].scenario);
}

static void add_cell(struct pages_table *table, const struct pages_sources *sources,
		     const struct scenario *scenario, size_t column)
{
	const char *environment = table->names[column];
	const struct placement *placement = scenario_placement(scenario, environment);
	struct page_cell *cell = &table->cells[table->cell_count];

	if (placement == NULL)
		return;
	*cell = (struct page_cell){.column = column, .next_wall_ms = -1};
	if (sources->next_wall_ms != NULL && placement->schedule != NULL)
		cell->next_wall_ms =
		    sources->next_wall_ms(sources->arg, scenario->name, environment);
	cell->running = sources->is_running != NULL &&
			sources->is_running(sources->arg, scenario->name, environment);
	table->cell_count++;
}

static size_t count_placements(const struct scenario_list *scenarios)
{
	size_t count = 0;

	for (size_t i = 0; i < scenarios->count; i++)
		count += scenarios->list[i]->in_count;
	return count;
}

static void add_rows(struct pages_table *table, const struct pages_sources *sources)
{
	const struct scenario_list *scenarios = app_scenarios(sources->app);

	table->rows = mem_grow(NULL, scenarios->count + 1, sizeof *table->rows);
	table->sorted = mem_grow(NULL, scenarios->count + 1, sizeof *table->sorted);
	/* All scenarios in all environments would be far more, most of it empty. */
	table->cells = mem_grow(NULL, count_placements(scenarios) + 1, sizeof *table->cells);
	for (size_t i = 0; i < scenarios->count; i++) {
		const struct scenario *scenario = scenarios->list[i];
		size_t first = table->cell_count;

		for (size_t j = 0; j < table->environment_count; j++)
			add_cell(table, sources, scenario, j);
		table->rows[i] = (struct page_row){
		    .scenario = scenario->name,
		    .summary = scenario->summary,
		    .owner = scenario->owner,
		    .cells = &table->cells[first],
		    .cell_count = table->cell_count - first,
		};
		table->sorted[i] = i;
	}
	table->row_count = scenarios->count;
	qsort_r(table->sorted, table->row_count, sizeof *table->sorted, by_name, table);
}

void pages_table_fill(struct pages_table *ret_table, const struct pages_sources *sources,
		      const char *environment)
{
	*ret_table = (struct pages_table){.row_count = 0};
	add_environments(ret_table, app_config(sources->app), environment);
	add_rows(ret_table, sources);
}

static struct page_cell *cell_of_row(const struct pages_table *table, const struct page_row *row,
				     const char *environment)
{
	struct page_cell *cells = &table->cells[row->cells - table->cells];

	for (size_t i = 0; i < row->cell_count; i++) {
		if (strcmp(table->names[cells[i].column], environment) == 0)
			return &cells[i];
	}
	return NULL;
}

struct page_cell *pages_table_cell(struct pages_table *table, const char *scenario,
				   const char *environment)
{
	size_t low = 0, high = table->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct page_row *row = &table->rows[table->sorted[middle]];
		int order = strcmp(scenario, row->scenario);

		if (order == 0)
			return cell_of_row(table, row, environment);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool needs_people(const struct page_row *row)
{
	for (size_t i = 0; i < row->cell_count; i++) {
		const char *verdict = row->cells[i].verdict;

		if (verdict != NULL && strcmp(verdict, "pass") != 0)
			return true;
	}
	return false;
}

size_t pages_table_needs_first(struct pages_table *table)
{
	struct page_row *rows = mem_grow(NULL, table->row_count + 1, sizeof *rows);
	size_t count = 0, open = 0;

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < table->row_count; i++) {
			if (needs_people(&table->rows[i]) == (round == 0))
				rows[count++] = table->rows[i];
		}
		open = round == 0 ? count : open;
	}
	free(table->rows);
	table->rows = rows;
	return open;
}

void pages_table_done(struct pages_table *table)
{
	for (size_t i = 0; i < table->cell_count; i++) {
		free((char *)(uintptr_t)table->cells[i].verdict);
		free((char *)(uintptr_t)table->cells[i].reason);
		free((char *)(uintptr_t)table->cells[i].drill);
	}
	free(table->names);
	free(table->protected_);
	free(table->rows);
	free(table->cells);
	free(table->sorted);
}
