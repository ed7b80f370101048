/* Attention of the tokens of a text among themselves: texts lie one behind the other, and none is padded. */
#ifndef ATTENTION_H
#define ATTENTION_H

#include <stddef.h>

/* One head of one text. queries, keys, values: [tokens][width], `stride` numbers from token to token, width a multiple
   of LANES; into: [asking][width], `into_stride` apart, for the text's first `asking` tokens.
   room: attention_room(tokens, width) numbers, aligned to 64 bytes. */
void attend(const float *queries, const float *keys, const float *values, size_t stride, int tokens, int width,
            int asking, float *into, size_t into_stride, float *room);

size_t attention_room(int tokens, int width);

#endif
