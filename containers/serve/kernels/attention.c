#include "attention.h"

#include <math.h>

#include "vectors.h"

/* Tokens that ask together, so that each key and value that is read serves all of them. */
#define TOGETHER 4

static inline int whole_lanes(int tokens) { return (tokens + LANES - 1) / LANES * LANES; }

size_t attention_room(int tokens, int width) { return (size_t)whole_lanes(tokens) * (width + TOGETHER); }

/* Four rounds of shuffling 16 rows by pairs, as a pack of cards, leave columns. */
static void turn_block(const float *from, size_t stride, int rows, float *into, size_t into_stride) {
    floats now[LANES], next[LANES];
    for (int row = 0; row < LANES; row++)
        now[row] = row < rows ? load(from + row * stride) : all(0);
    for (int round = 0; round < 4; round++) {
#pragma GCC unroll 8
        for (int row = 0; row < LANES / 2; row++) {
            floats one = now[row], other = now[row + LANES / 2];
            next[2 * row] =
                __builtin_shufflevector(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            next[2 * row + 1] =
                __builtin_shufflevector(one, other, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        }
        for (int row = 0; row < LANES; row++)
            now[row] = next[row];
    }
    for (int row = 0; row < LANES; row++)
        *at(into + row * into_stride) = now[row];
}

/* scores[TOGETHER][padded]: how much each asking token heeds each token; returned is one over their sum. */
static float heed(float *scores, int tokens, int padded, float scale) {
    floats largest = all(-INFINITY);
    for (int token = tokens; token < padded; token++)
        scores[token] = -INFINITY;
    for (int token = 0; token < padded; token += LANES)
        largest = larger(largest, load(scores + token));
    float top = largest_of(largest);
    floats sum = all(0);
    for (int token = 0; token < padded; token += LANES) {
        floats power = exponential((load(scores + token) - top) * scale);
        *at(scores + token) = power;
        sum += power;
    }
    /* What is beyond the text counted as next to nothing (e to the -87): nothing that a float could show. */
    return 1.0f / sum_of(sum);
}

void attend(const float *queries, const float *keys, const float *values, size_t stride, int tokens, int width,
            int asking, float *into, size_t into_stride, float *room) {
    int padded = whole_lanes(tokens);
    float *turned = room, *scores = room + (size_t)width * padded;
    float scale = 1.0f / sqrtf((float)width);
    for (int token = 0; token < tokens; token += LANES)
        for (int place = 0; place < width; place += LANES)
            turn_block(keys + token * stride + place, stride, tokens - token, turned + (size_t)place * padded + token,
                       padded);
    for (int first = 0; first < asking; first += TOGETHER) {
        const float *query[TOGETHER];
        float share[TOGETHER];
        /* Where fewer are left, the last asks more than once. */
        for (int one = 0; one < TOGETHER; one++)
            query[one] = queries + (first + one < asking ? first + one : asking - 1) * stride;
        for (int token = 0; token < padded; token += LANES) {
            floats sums[TOGETHER] = {{0}};
            for (int place = 0; place < width; place++) {
                floats key = load(turned + (size_t)place * padded + token);
#pragma GCC unroll 4
                for (int one = 0; one < TOGETHER; one++)
                    sums[one] += query[one][place] * key;
            }
#pragma GCC unroll 4
            for (int one = 0; one < TOGETHER; one++)
                *at(scores + (size_t)one * padded + token) = sums[one];
        }
        for (int one = 0; one < TOGETHER; one++)
            share[one] = heed(scores + (size_t)one * padded, tokens, padded, scale);
        for (int place = 0; place < width; place += LANES) {
            floats sums[TOGETHER] = {{0}};
            for (int token = 0; token < tokens; token++) {
                floats value = load(values + token * stride + place);
#pragma GCC unroll 4
                for (int one = 0; one < TOGETHER; one++)
                    sums[one] += scores[(size_t)one * padded + token] * value;
            }
            for (int one = 0; one < TOGETHER && first + one < asking; one++)
                *at(into + (first + one) * into_stride + place) = sums[one] * share[one];
        }
    }
}
