/* The text format in which programs show their counters.
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
#ifndef PROBES_EXPOSITION_H
#define PROBES_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>

struct exposition_label {
	const char *name, *value; /* unescaped, borrowed */
};

/* One sample. Borrowed, valid inside the callback only. */
struct exposition_sample {
	const char *name;
	const struct exposition_label *labels;
	size_t label_count;
	double value; /* finite */
};
typedef void exposition_fn(void *arg, const struct exposition_sample *sample);

/*
 * Tells every sample whose name starts with `prefix`. Text of any bytes. Lines that cannot be read
 * are left out; returns how many samples were told.
 */
size_t exposition_read(const char *text, size_t len, const char *prefix, exposition_fn *tell,
		       void *arg);

/* "" when there is no such label. */
const char *exposition_label(const struct exposition_sample *sample, const char *name);

#endif
