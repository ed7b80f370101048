/* Sums of four products of bytes, in every lane of two vectors: what a processor's int8 speed is. */
#ifndef DOT_H
#define DOT_H

#include <immintrin.h>

#include "vectors.h"

#ifdef __AVX512VNNI__

typedef __m512i Lanes;

INLINE Lanes repeated(const int32_t *quad) { return _mm512_set1_epi32(*quad); }

/* In assembly, for compilers would move the sums about between registers. */
INLINE void add_products(Lanes *sums, Lanes inputs, Lanes weights) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(*sums) : "v"(inputs), "v"(weights));
}

#else

typedef __m256i Lanes;

INLINE Lanes repeated(const int32_t *quad) { return _mm256_set1_epi32(*quad); }

/* Two products are added in 16 bits: 2 x 255 x 64 at most, for weights have seven bits. */
INLINE void add_products(Lanes *sums, Lanes inputs, Lanes weights) {
    Lanes pairs = _mm256_maddubs_epi16(inputs, weights);
    *sums = _mm256_add_epi32(*sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

#endif

/* The sums of one row for one panel of outputs. */
typedef union {
    Lanes part[2];
    ints numbers[sizeof(Lanes) / (2 * LANES)];
} Sums;

#endif
