/* A transformer encoder of BERT's kind with a classification head, computed in int8 for many texts at once.

   Devlin et al. 2018, "BERT"; Liu et al. 2019, "RoBERTa"; Martin et al. 2020, "CamemBERT": embeddings, then layers of
   attention and feed-forward, each added to what it read and normalised, then a dense layer with tanh over the first
   token, and the classes.
   Texts lie one behind the other, so nothing is spent on padding, and every token is quantised by itself, so an answer
   does not depend on what else is asked at the time. Of the last layer only the first tokens are computed. */
#ifndef ENCODER_H
#define ENCODER_H

#include <stdint.h>

typedef struct Encoder Encoder;

typedef enum { QUERY, KEY, VALUE, MIXED, WIDENED, NARROWED, POOLED, CLASSES } LinearName;
typedef enum { EMBEDDED, ATTENDED, FED } NormName;

/* NULL where memory or threads cannot be had. hidden, inner: multiples of 32, hidden / heads: of 16.
   padding: the token that has the position of its own number, while the others count from the next on, as in RoBERTa
   and its kin; or -1. */
Encoder *encoder_new(int layers, int hidden, int heads, int inner, int labels, int padding, float epsilon, int threads);
void encoder_free(Encoder *encoder);

/* words: [words][hidden], a number being (word - zero) x scale; read in place, so they must stay.
   positions: [count][hidden], with the token type's numbers added; copied. 0, or -1 where memory ran out. */
int encoder_set_embeddings(Encoder *encoder, const uint8_t *words, float scale, int zero, const float *positions,
                           int count);
/* weights: [inputs][outputs]; scale, bias: [outputs]. `layer` is ignored for POOLED and CLASSES. */
void encoder_set_linear(Encoder *encoder, int layer, LinearName name, const int8_t *weights, const float *scale,
                        const float *bias);
void encoder_set_norm(Encoder *encoder, int layer, NormName name, const float *weight, const float *bias);

/* tokens: those of all texts; starts: [texts + 1], where each text's begin, and the end. logits: [texts][labels].
   As many runs as there are threads may go on at once, each with a `number` of its own from 0 on and the caller's core
   alone; or one run of them all `together`. 0, or -1 where memory ran out. */
int encoder_run(Encoder *encoder, int number, int together, const int32_t *tokens, const int32_t *starts, int texts,
                float *logits);

#endif
