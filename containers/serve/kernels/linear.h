/* Linear layers with weights of seven bits and inputs that are quantised row by row, each by its own largest number. */
#ifndef LINEAR_H
#define LINEAR_H

#include <stddef.h>
#include <stdint.h>

#include "pages.h"
#include "team.h"

/* What fits into the registers: rows that are multiplied together, outputs that are summed together (two vectors of
   them), and inputs in one product. */
#ifdef __AVX512VNNI__
#define BLOCK 14
#define PANEL 32
#else
#define BLOCK 6
#define PANEL 16
#endif
#define QUAD 4

typedef struct {
    int inputs, outputs;     /* outputs: a multiple of PANEL, of which the last may be unused */
    int8_t *weights;         /* [outputs / PANEL][inputs / QUAD][PANEL][QUAD] */
    int32_t *shift;          /* [outputs]: takes away what storing inputs as x + 128 adds */
    float *scale, *bias;     /* [outputs] */
} Linear;

/* Inputs of a linear layer: [blocks][width / QUAD][BLOCK][QUAD], stored as x + 128, and the scale of each row. */
typedef struct {
    int rows, width;
    uint8_t *numbers;
    float *scales;
} Quantised;

typedef enum { AS_IT_IS, WITH_GELU, WITH_SUM } Finish;

/* What it takes of the pages. inputs: a multiple of QUAD. */
size_t linear_bytes(int inputs, int outputs);
/* Its memory is the pages', and goes with them. */
void linear_new(Linear *linear, Pages *pages, int inputs, int outputs);

/* Sets outputs first .. first + count. weights: [inputs][count]; scale, bias: [count]. */
void linear_set(Linear *linear, int first, int count, const int8_t *weights, const float *scale, const float *bias);

/* Bytes for the numbers of so many rows of so great a width. */
size_t quantised_bytes(int rows, int width);
/* Quantises one row of `width` numbers, a multiple of LANES. */
void quantise(Quantised *into, int row, const float *numbers);

/* into[rows][outputs] = inputs x weights + bias, then gelu, or plus what is in `into` already. */
void linear_apply(Team *team, const Linear *linear, const Quantised *inputs, float *into, Finish finish);

#endif
