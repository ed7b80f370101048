/* Sixteen numbers at a time, in the compiler's own vectors: the same lines become AVX-512, or two AVX2 operations. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdint.h>

#define LANES 16

typedef float floats __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(64), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE floats *at(float *numbers) { return (floats *)numbers; }
INLINE floats load(const float *numbers) { return *(const floats *)numbers; }
INLINE floats all(float number) { return number - (floats){0}; }

INLINE floats choose(ints mask, floats yes, floats no) { return (floats)(((ints)yes & mask) | ((ints)no & ~mask)); }
INLINE floats larger(floats one, floats other) { return choose(one > other, one, other); }
INLINE floats absolute(floats x) { return (floats)((ints)x & 0x7fffffff); }

/* A number's lanes, halved four times. */
#define HALVED(combine)                                                                                              \
    v = combine(v, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));               \
    v = combine(v, __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));               \
    v = combine(v, __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));               \
    v = combine(v, __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));               \
    return v[0];
INLINE floats added(floats one, floats other) { return one + other; }
INLINE float sum_of(floats v) { HALVED(added) }
INLINE float largest_of(floats v) { HALVED(larger) }

/* The nearest whole numbers; |x| below 2^31. */
INLINE ints rounded(floats x) {
    floats half = (floats)(((ints)x & (int32_t)0x80000000) | (ints)all(0.5f));
    return __builtin_convertvector(x + half, ints);
}

/* e^x for x from -87 (below, as if it were -87) to 88, relative error 2e-7: x = n ln 2 + r, and a polynomial of degree
   five in r (Cephes, expf). */
INLINE floats exponential(floats x) {
    x = larger(x, all(-87.0f));
    ints n = rounded(x * 1.44269504f);
    floats whole = __builtin_convertvector(n, floats);
    floats r = x - whole * 0.693359375f + whole * 2.12194440e-4f;
    floats p = all(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * (floats)((n + 127) << 23);
}

/* erf(x), absolute error below 5e-7: Abramowitz and Stegun 1964, formula 7.1.26. */
INLINE floats error_function(floats x) {
    floats size = absolute(x);
    floats t = 1.0f / (1.0f + 0.3275911f * size);
    floats p = all(1.061405429f);
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    floats y = 1.0f - p * t * exponential(-size * size);
    return (floats)((ints)y | ((ints)x & (int32_t)0x80000000));
}

/* The Gaussian error linear unit, in its exact form. */
INLINE floats gelu(floats x) { return 0.5f * x * (1.0f + error_function(x * 0.70710678f)); }

#endif
