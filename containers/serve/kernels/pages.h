/* One piece of memory for all that is read from end to end for every turn: in pages of 2 MB where the system has them,
   for a processor keeps no account of the twenty thousand small ones of a model. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

typedef struct {
    void *mapped;
    size_t bytes;
    char *next;
} Pages;

/* What pages_take takes for so many bytes. */
size_t pages_bytes(size_t bytes);
/* Room for so many of those bytes, all zero. 0, or -1 where memory ran out. */
int pages_new(Pages *pages, size_t bytes);
void pages_free(Pages *pages);
/* The next so many bytes, from a cache line's beginning on. */
void *pages_take(Pages *pages, size_t bytes);

#endif
