#include "linear.h"

#include <string.h>

#include "dot.h"
#include "vectors.h"

static int padded(int outputs) { return (outputs + PANEL - 1) / PANEL * PANEL; }

size_t linear_bytes(int inputs, int outputs) {
    size_t numbers = padded(outputs) * sizeof(float);
    return pages_bytes((size_t)padded(outputs) * inputs) + 3 * pages_bytes(numbers);
}

void linear_new(Linear *linear, Pages *pages, int inputs, int outputs) {
    linear->inputs = inputs;
    linear->outputs = padded(outputs);
    linear->weights = pages_take(pages, (size_t)linear->outputs * inputs);
    linear->shift = pages_take(pages, linear->outputs * sizeof *linear->shift);
    linear->scale = pages_take(pages, linear->outputs * sizeof *linear->scale);
    linear->bias = pages_take(pages, linear->outputs * sizeof *linear->bias);
}

void linear_set(Linear *linear, int first, int count, const int8_t *weights, const float *scale, const float *bias) {
    for (int output = 0; output < count; output++) {
        int place = first + output;
        int8_t *column = linear->weights + (size_t)(place / PANEL) * PANEL * linear->inputs + place % PANEL * QUAD;
        int32_t sum = 0;
        for (int input = 0; input < linear->inputs; input++) {
            int8_t weight = weights[(size_t)input * count + output];
            column[(size_t)(input / QUAD) * PANEL * QUAD + input % QUAD] = weight;
            sum += weight;
        }
        linear->shift[place] = -128 * sum;
        linear->scale[place] = scale[output];
        linear->bias[place] = bias[output];
    }
}

/* Blocks of about equal height: of 25 rows 13 and 12, for one of a single row would cost nearly as much as one of 12. */
static inline int block_height(int rows) {
    int blocks = (rows + BLOCK - 1) / BLOCK;
    return (rows + blocks - 1) / blocks;
}

size_t quantised_bytes(int rows, int width) { return (size_t)(rows + BLOCK - 1) / BLOCK * BLOCK * width; }

void quantise(Quantised *into, int row, const float *numbers) {
    int height = block_height(into->rows);
    uint8_t *quads = into->numbers + (size_t)(row / height) * BLOCK * into->width + row % height * QUAD;
    floats largest = all(0);
    for (int place = 0; place < into->width; place += LANES)
        largest = larger(largest, absolute(load(numbers + place)));
    float top = largest_of(largest);
    float factor = top > 0 ? 127.0f / top : 0;
    for (int place = 0; place < into->width; place += LANES) {
        ints whole = rounded(load(numbers + place) * factor) + 128;
        typedef uint8_t bytes __attribute__((vector_size(LANES)));
        bytes narrow = __builtin_convertvector(whole, bytes);
        for (int quad = 0; quad < LANES / QUAD; quad++)
            memcpy(quads + (size_t)(place / QUAD + quad) * BLOCK * QUAD, (uint8_t *)&narrow + quad * QUAD, QUAD);
    }
    into->scales[row] = top / 127.0f;
}

typedef struct {
    const Linear *linear;
    const Quantised *inputs;
    float *into;
    Finish finish;
    int threads;
} Product;

INLINE void finish_row(const Product *product, int row, int first, const Sums *sums) {
    const Linear *linear = product->linear;
    float scale = product->inputs->scales[row];
    for (int part = 0; part < PANEL / LANES; part++, first += LANES) {
        float *place = product->into + (size_t)row * linear->outputs + first;
        floats result = __builtin_convertvector(sums->numbers[part], floats);
        result = result * (load(linear->scale + first) * scale) + load(linear->bias + first);
        if (product->finish == WITH_GELU)
            result = gelu(result);
        else if (product->finish == WITH_SUM)
            result += load(place);
        *at(place) = result;
    }
}

/* One panel of outputs for one block of `rows` rows, a constant where this is inlined. `soon`: weights to fetch. */
INLINE void multiply(const Product *product, const int rows, int first_row, const uint8_t *quads, int panel,
                     ptrdiff_t soon) {
    const Linear *linear = product->linear;
    const int8_t *weights = linear->weights + (size_t)panel * PANEL * linear->inputs;
    int first = panel * PANEL;
    Lanes low[BLOCK], high[BLOCK];
#pragma GCC unroll 14
    for (int row = 0; row < rows; row++) {
        low[row] = *(const Lanes *)(linear->shift + first);
        high[row] = *(const Lanes *)(linear->shift + first + PANEL / 2);
    }
    for (int quad = 0; quad < linear->inputs / QUAD; quad++) {
        Lanes low_weights = *(const Lanes *)weights, high_weights = *((const Lanes *)weights + 1);
        __builtin_prefetch(weights + soon, 0, 2);
        if (sizeof(Lanes) == 64)
            __builtin_prefetch(weights + soon + 64, 0, 2);
#pragma GCC unroll 14
        for (int row = 0; row < rows; row++) {
            Lanes inputs = repeated((const int32_t *)quads + row);
            add_products(&low[row], inputs, low_weights);
            add_products(&high[row], inputs, high_weights);
        }
        weights += PANEL * QUAD;
        quads += BLOCK * QUAD;
    }
#pragma GCC unroll 14
    for (int row = 0; row < rows; row++) {
        Sums sums = {{low[row], high[row]}};
        finish_row(product, first_row + row, first, &sums);
    }
}

typedef void Multiply(const Product *product, int first_row, const uint8_t *quads, int panel, ptrdiff_t soon);
#define OF_HEIGHT(rows)                                                                                              \
    static void multiply_##rows(const Product *product, int first_row, const uint8_t *quads, int panel,               \
                                ptrdiff_t soon) {                                                                     \
        multiply(product, rows, first_row, quads, panel, soon);                                                       \
    }
OF_HEIGHT(1) OF_HEIGHT(2) OF_HEIGHT(3) OF_HEIGHT(4) OF_HEIGHT(5) OF_HEIGHT(6)
#if BLOCK == 14
OF_HEIGHT(7) OF_HEIGHT(8) OF_HEIGHT(9) OF_HEIGHT(10) OF_HEIGHT(11) OF_HEIGHT(12) OF_HEIGHT(13) OF_HEIGHT(14)
#endif
static Multiply *const of_height[BLOCK] = {
    multiply_1, multiply_2, multiply_3, multiply_4,  multiply_5,  multiply_6,
#if BLOCK == 14
    multiply_7, multiply_8, multiply_9, multiply_10, multiply_11, multiply_12, multiply_13, multiply_14,
#endif
};

static void multiply_panel(void *given, int panel, int member) {
    (void)member;
    const Product *product = given;
    int rows = product->inputs->rows, height = block_height(rows);
    const uint8_t *quads = product->inputs->numbers;
    /* The panel that this thread is likely to take next. */
    ptrdiff_t soon = (ptrdiff_t)product->threads * PANEL * product->linear->inputs;
    for (int row = 0; row < rows; row += height) {
        int left = rows - row;
        of_height[(left < height ? left : height) - 1](product, row, quads, panel, soon);
        quads += (size_t)BLOCK * product->linear->inputs;
    }
}

void linear_apply(Team *team, const Linear *linear, const Quantised *inputs, float *into, Finish finish) {
    Product product = {linear, inputs, into, finish, team_threads(team)};
    team_share(team, multiply_panel, &product, linear->outputs / PANEL);
}
