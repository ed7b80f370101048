#include "encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attention.h"
#include "linear.h"
#include "vectors.h"

/* Rows of which one thread takes care at a time; fewer are not worth a round of the team. */
#define ROWS_AN_ITEM 8
#define ROWS_WORTH_SHARING 48

typedef struct {
    float *weight, *bias;
} Norm;

typedef struct {
    Linear projected, mixed, widened, narrowed;
    Norm attended, fed;
} Layer;

/* What one run writes to: `tokens` of them, of which the longest text has `longest`. */
typedef struct {
    int tokens, longest;
    float *state, *sum, *projected, *context, *wide, *scales, *attention;
    uint8_t *numbers;
} Room;

struct Encoder {
    int layers, hidden, heads, inner, labels, padding;
    float epsilon;
    Team *team;
    const uint8_t *words;
    float word_scale;
    int word_zero;
    float *positions;
    Norm embedded;
    Layer *layer;
    Linear pooled, classes;
    Pages weights;
    int threads;
    Room *rooms; /* [threads] */
};

static float *some(size_t count) { return aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64); }

static int norm_new(Norm *norm, int width) {
    norm->weight = some(width);
    norm->bias = some(width);
    return norm->weight && norm->bias ? 0 : -1;
}

static void norm_free(Norm *norm) {
    free(norm->weight);
    free(norm->bias);
}

static int layer_new(Layer *layer, Pages *pages, int hidden, int inner) {
    linear_new(&layer->projected, pages, hidden, 3 * hidden);
    linear_new(&layer->mixed, pages, hidden, hidden);
    linear_new(&layer->widened, pages, hidden, inner);
    linear_new(&layer->narrowed, pages, inner, hidden);
    return norm_new(&layer->attended, hidden) | norm_new(&layer->fed, hidden);
}

static size_t bytes_of_weights(int layers, int hidden, int inner, int labels) {
    size_t layer = linear_bytes(hidden, 3 * hidden) + linear_bytes(hidden, hidden) + linear_bytes(hidden, inner) +
                   linear_bytes(inner, hidden);
    return layers * layer + linear_bytes(hidden, hidden) + linear_bytes(hidden, labels);
}

Encoder *encoder_new(int layers, int hidden, int heads, int inner, int labels, int padding, float epsilon, int threads) {
    Encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder)
        return NULL;
    encoder->hidden = hidden;
    encoder->heads = heads;
    encoder->inner = inner;
    encoder->labels = labels;
    encoder->padding = padding;
    encoder->epsilon = epsilon;
    encoder->team = team_new(threads);
    encoder->threads = threads;
    encoder->rooms = calloc(threads, sizeof *encoder->rooms);
    encoder->layer = calloc(layers, sizeof *encoder->layer);
    encoder->layers = encoder->layer ? layers : 0;
    int failed = !encoder->team || !encoder->rooms || !encoder->layer || norm_new(&encoder->embedded, hidden) ||
                 pages_new(&encoder->weights, bytes_of_weights(layers, hidden, inner, labels));
    for (int number = 0; number < encoder->layers && !failed; number++)
        failed = layer_new(&encoder->layer[number], &encoder->weights, hidden, inner);
    if (!failed) {
        linear_new(&encoder->pooled, &encoder->weights, hidden, hidden);
        linear_new(&encoder->classes, &encoder->weights, hidden, labels);
        return encoder;
    }
    encoder_free(encoder);
    return NULL;
}

static void free_room(Room *room) {
    float **all_of_it[] = {&room->state, &room->sum,    &room->projected, &room->context,
                           &room->wide,  &room->scales, &room->attention};
    for (size_t number = 0; number < sizeof all_of_it / sizeof *all_of_it; number++) {
        free(*all_of_it[number]);
        *all_of_it[number] = NULL;
    }
    free(room->numbers);
    room->numbers = NULL;
    room->tokens = room->longest = 0;
}

void encoder_free(Encoder *encoder) {
    for (int number = 0; number < encoder->layers; number++) {
        Layer *layer = &encoder->layer[number];
        norm_free(&layer->attended);
        norm_free(&layer->fed);
    }
    pages_free(&encoder->weights);
    norm_free(&encoder->embedded);
    for (int number = 0; encoder->rooms && number < encoder->threads; number++)
        free_room(&encoder->rooms[number]);
    free(encoder->rooms);
    free(encoder->positions);
    free(encoder->layer);
    team_free(encoder->team);
    free(encoder);
}

int encoder_set_embeddings(Encoder *encoder, const uint8_t *words, float scale, int zero, const float *positions,
                           int count) {
    encoder->words = words;
    encoder->word_scale = scale;
    encoder->word_zero = zero;
    encoder->positions = some((size_t)count * encoder->hidden);
    if (!encoder->positions)
        return -1;
    memcpy(encoder->positions, positions, (size_t)count * encoder->hidden * sizeof *positions);
    return 0;
}

void encoder_set_linear(Encoder *encoder, int layer, LinearName name, const int8_t *weights, const float *scale,
                        const float *bias) {
    int hidden = encoder->hidden;
    Layer *one = &encoder->layer[layer];
    switch (name) {
    case QUERY:
    case KEY:
    case VALUE:
        linear_set(&one->projected, (int)name * hidden, hidden, weights, scale, bias);
        break;
    case MIXED:
        linear_set(&one->mixed, 0, hidden, weights, scale, bias);
        break;
    case WIDENED:
        linear_set(&one->widened, 0, encoder->inner, weights, scale, bias);
        break;
    case NARROWED:
        linear_set(&one->narrowed, 0, hidden, weights, scale, bias);
        break;
    case POOLED:
        linear_set(&encoder->pooled, 0, hidden, weights, scale, bias);
        break;
    case CLASSES:
        linear_set(&encoder->classes, 0, encoder->labels, weights, scale, bias);
        break;
    }
}

void encoder_set_norm(Encoder *encoder, int layer, NormName name, const float *weight, const float *bias) {
    Layer *one = &encoder->layer[layer];
    Norm *norm = name == EMBEDDED ? &encoder->embedded : name == ATTENDED ? &one->attended : &one->fed;
    memcpy(norm->weight, weight, encoder->hidden * sizeof *weight);
    memcpy(norm->bias, bias, encoder->hidden * sizeof *bias);
}

static int make_room(const Encoder *encoder, Room *room, int tokens, int longest) {
    if (tokens <= room->tokens && longest <= room->longest)
        return 0;
    tokens = tokens > room->tokens ? tokens : room->tokens;
    longest = longest > room->longest ? longest : room->longest;
    free_room(room);
    size_t hidden = tokens * (size_t)encoder->hidden, wide = tokens * (size_t)encoder->inner;
    int widest = encoder->inner > encoder->hidden ? encoder->inner : encoder->hidden;
    room->state = some(hidden);
    room->sum = some(hidden);
    room->projected = some(3 * hidden);
    room->context = some(hidden);
    room->wide = some(wide);
    room->scales = some(tokens);
    room->attention = some(encoder->threads * attention_room(longest, encoder->hidden / encoder->heads));
    room->numbers = aligned_alloc(64, (quantised_bytes(tokens, widest) + 63) / 64 * 64);
    if (!(room->state && room->sum && room->projected && room->context && room->wide && room->scales &&
          room->attention && room->numbers)) {
        free_room(room);
        return -1;
    }
    room->tokens = tokens;
    room->longest = longest;
    return 0;
}

/* What the threads share of one run. */
typedef struct {
    const Encoder *encoder;
    Room *room;
    Team *team;
    const int32_t *tokens, *starts;
    Quantised inputs;
    const Norm *norm;
    const float *rows;
    int asking; /* of each text: 1, or all of its tokens where it is 0 */
} Run;

typedef void OneRow(Run *run, int row);

typedef struct {
    Run *run;
    OneRow *work;
    int rows, an_item;
} Rows;

static void some_rows(void *given, int item, int member) {
    (void)member;
    const Rows *rows = given;
    int end = (item + 1) * rows->an_item;
    for (int row = item * rows->an_item; row < end && row < rows->rows; row++)
        rows->work(rows->run, row);
}

static void each_row(Run *run, OneRow *work) {
    int count = run->inputs.rows;
    Rows rows = {run, work, count, count < ROWS_WORTH_SHARING ? count : ROWS_AN_ITEM};
    team_share(run->team, some_rows, &rows, (count + rows.an_item - 1) / rows.an_item);
}

/* into = the row with mean 0 and variance 1 (Ba et al. 2016, "Layer Normalization"), times weight, plus bias. */
static void normalise(const Norm *norm, const float *row, int width, float epsilon, float *into) {
    floats sum = all(0), squares = all(0);
    for (int place = 0; place < width; place += LANES)
        sum += load(row + place);
    float mean = sum_of(sum) / width;
    for (int place = 0; place < width; place += LANES) {
        floats distance = load(row + place) - mean;
        squares += distance * distance;
    }
    float factor = 1.0f / sqrtf(sum_of(squares) / width + epsilon);
    for (int place = 0; place < width; place += LANES)
        *at(into + place) = (load(row + place) - mean) * factor * load(norm->weight + place) + load(norm->bias + place);
}

static void normalise_row(Run *run, int row) {
    const Encoder *encoder = run->encoder;
    Room *room = run->room;
    int hidden = encoder->hidden;
    float *state = room->state + (size_t)row * hidden;
    normalise(run->norm, room->sum + (size_t)row * hidden, hidden, encoder->epsilon, state);
    /* The next linear layer adds its result to what it read. */
    memcpy(room->sum + (size_t)row * hidden, state, hidden * sizeof *state);
    quantise(&run->inputs, row, state);
}

static void quantise_row(Run *run, int row) {
    quantise(&run->inputs, row, run->rows + (size_t)row * run->inputs.width);
}

static void embed(Run *run, int texts) {
    typedef uint8_t bytes __attribute__((vector_size(LANES), aligned(1), may_alias));
    const Encoder *encoder = run->encoder;
    Room *room = run->room;
    int hidden = encoder->hidden;
    for (int text = 0; text < texts; text++) {
        int next_position = encoder->padding + 1;
        for (int token = run->starts[text]; token < run->starts[text + 1]; token++) {
            const uint8_t *word = encoder->words + (size_t)run->tokens[token] * hidden;
            int number = run->tokens[token] == encoder->padding ? encoder->padding : next_position++;
            const float *position = encoder->positions + (size_t)number * hidden;
            float *sum = room->sum + (size_t)token * hidden;
            for (int place = 0; place < hidden; place += LANES) {
                ints whole = __builtin_convertvector(*(const bytes *)(word + place), ints) - encoder->word_zero;
                *at(sum + place) =
                    __builtin_convertvector(whole, floats) * encoder->word_scale + load(position + place);
            }
        }
    }
}

static void attend_with_one_head(void *given, int item, int member) {
    const Run *run = given;
    const Encoder *encoder = run->encoder;
    Room *room = run->room;
    int text = item / encoder->heads, head = item % encoder->heads;
    int width = encoder->hidden / encoder->heads, hidden = encoder->hidden;
    int first = run->starts[text], tokens = run->starts[text + 1] - first;
    const float *queries = room->projected + (size_t)first * 3 * hidden + (size_t)head * width;
    float *into = room->context + (size_t)(run->asking ? text * run->asking : first) * hidden + (size_t)head * width;
    attend(queries, queries + hidden, queries + 2 * hidden, 3 * (size_t)hidden, tokens, width,
           run->asking ? run->asking : tokens, into, hidden,
           room->attention + member * attention_room(room->longest, width));
}

static void apply_layer(Run *run, const Layer *layer, int texts) {
    const Encoder *encoder = run->encoder;
    Room *room = run->room;
    Quantised *inputs = &run->inputs;
    linear_apply(run->team, &layer->projected, inputs, room->projected, AS_IT_IS);
    team_share(run->team, attend_with_one_head, run, texts * encoder->heads);
    if (run->asking) {
        for (int text = 0; text < texts; text++)
            memmove(room->sum + (size_t)text * encoder->hidden,
                    room->sum + (size_t)run->starts[text] * encoder->hidden,
                    encoder->hidden * sizeof *room->sum);
        inputs->rows = texts;
    }
    run->rows = room->context;
    each_row(run, quantise_row);
    linear_apply(run->team, &layer->mixed, inputs, room->sum, WITH_SUM);
    run->norm = &layer->attended;
    each_row(run, normalise_row);
    linear_apply(run->team, &layer->widened, inputs, room->wide, WITH_GELU);
    inputs->width = encoder->inner;
    run->rows = room->wide;
    each_row(run, quantise_row);
    linear_apply(run->team, &layer->narrowed, inputs, room->sum, WITH_SUM);
    inputs->width = encoder->hidden;
    run->norm = &layer->fed;
    each_row(run, normalise_row);
}

static void classify(Run *run, int texts, float *logits) {
    const Encoder *encoder = run->encoder;
    Room *room = run->room;
    float *pooled = room->context, *padded = room->wide;
    linear_apply(run->team, &encoder->pooled, &run->inputs, pooled, AS_IT_IS);
    for (size_t place = 0; place < (size_t)texts * encoder->hidden; place++)
        pooled[place] = tanhf(pooled[place]);
    run->rows = pooled;
    each_row(run, quantise_row);
    linear_apply(run->team, &encoder->classes, &run->inputs, padded, AS_IT_IS);
    for (int text = 0; text < texts; text++)
        memcpy(logits + (size_t)text * encoder->labels, padded + (size_t)text * encoder->classes.outputs,
               encoder->labels * sizeof *logits);
}

int encoder_run(Encoder *encoder, int number, int together, const int32_t *tokens, const int32_t *starts, int texts,
                float *logits) {
    Room *room = &encoder->rooms[number];
    int longest = 0;
    for (int text = 0; text < texts; text++) {
        int length = starts[text + 1] - starts[text];
        longest = length > longest ? length : longest;
    }
    if (make_room(encoder, room, starts[texts], longest))
        return -1;
    Run run = {.encoder = encoder,
               .room = room,
               .team = together ? encoder->team : NULL,
               .tokens = tokens,
               .starts = starts,
               .inputs = {starts[texts], encoder->hidden, room->numbers, room->scales},
               .norm = &encoder->embedded};
    team_wake(run.team);
    embed(&run, texts);
    each_row(&run, normalise_row);
    for (int layer = 0; layer < encoder->layers; layer++) {
        run.asking = layer == encoder->layers - 1;
        apply_layer(&run, &encoder->layer[layer], texts);
    }
    classify(&run, texts, logits);
    team_rest(run.team);
    return 0;
}
