/* What every fuzz target defines: https://llvm.org/docs/LibFuzzer.html#fuzz-target */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Feeds one input to the code under test; always 0. Called by libFuzzer, or by replay.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that must hold for every input: kept on in every build, unlike assert. */
#define PROMISE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

#endif
