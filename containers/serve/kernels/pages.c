#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

#define LINE 64
#define LARGE ((size_t)2 << 20)

size_t pages_bytes(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

int pages_new(Pages *pages, size_t bytes) {
    /* Up to the end of a large page, behind the beginning of one. */
    pages->bytes = (bytes + LARGE - 1) / LARGE * LARGE + LARGE;
    pages->mapped = mmap(NULL, pages->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages->mapped == MAP_FAILED) {
        pages->mapped = NULL;
        return -1;
    }
    pages->next = (char *)(((uintptr_t)pages->mapped + LARGE - 1) / LARGE * LARGE);
    /* Where it is not heard, the pages are small ones, and all the rest is the same. */
    madvise(pages->next, pages->bytes - LARGE, MADV_HUGEPAGE);
    return 0;
}

void pages_free(Pages *pages) {
    if (pages->mapped)
        munmap(pages->mapped, pages->bytes);
}

void *pages_take(Pages *pages, size_t bytes) {
    void *taken = pages->next;
    pages->next += pages_bytes(bytes);
    return taken;
}
