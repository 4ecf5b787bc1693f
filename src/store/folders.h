/* The folders that a file of ours lies in. */
#ifndef STORE_FOLDERS_H
#define STORE_FOLDERS_H

#include "src/base/error.h"

/* Makes those of path that are missing, mode 0700. name: what the file is, for people. */
MUST_CHECK bool folders_make(const char *path, const char *name, struct error *error);

#endif
