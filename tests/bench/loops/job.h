/* What the loops of this folder share: vectors of one width, the two patterns, the clock, the check numbers.
 *
 * Each file holds one job of ../programs/NAME.plast in the loop orders that its equations allow, written with intrinsics
 * as ../limit.c is: a pass over a row of weights also sums up the row's response to the next input. Compiled once for
 * each width, -DWIDTH=256 and, where the machine has it, -DWIDTH=512; the best line of both counts.
 * Rows and inputs are padded with zeros to whole vectors, so no loop has a tail.
 * usage: NAME N M T  ->  one line per order: nanoseconds per synapse per step, best of 7, as limit.c prints it.
 */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef WIDTH
#define WIDTH 256
#endif
#if WIDTH == 512
typedef __m512d V;
#define LANES 8
static inline V set(double a) { return _mm512_set1_pd(a); }
static inline V load(const double *p) { return _mm512_load_pd(p); }
static inline void store(double *p, V v) { _mm512_store_pd(p, v); }
static inline V fma_(V a, V b, V c) { return _mm512_fmadd_pd(a, b, c); }
static inline V mul(V a, V b) { return _mm512_mul_pd(a, b); }
static inline V add(V a, V b) { return _mm512_add_pd(a, b); }
static inline V clamp(V v, V lo, V hi) { return _mm512_min_pd(_mm512_max_pd(v, lo), hi); }
static inline double total(V v) { return _mm512_reduce_add_pd(v); }
static inline V gather(const double *p, const int32_t *at) { return _mm512_i32gather_pd(_mm256_load_si256((const __m256i *)at), p, 8); }
#else
typedef __m256d V;
#define LANES 4
static inline V set(double a) { return _mm256_set1_pd(a); }
static inline V load(const double *p) { return _mm256_load_pd(p); }
static inline void store(double *p, V v) { _mm256_store_pd(p, v); }
static inline V fma_(V a, V b, V c) { return _mm256_fmadd_pd(a, b, c); }
static inline V mul(V a, V b) { return _mm256_mul_pd(a, b); }
static inline V add(V a, V b) { return _mm256_add_pd(a, b); }
static inline V clamp(V v, V lo, V hi) { return _mm256_min_pd(_mm256_max_pd(v, lo), hi); }
static inline double total(V v) { return v[0] + v[1] + v[2] + v[3]; }
static inline V gather(const double *p, const int32_t *at) { return _mm256_i32gather_pd(p, _mm_load_si128((const __m128i *)at), 8); }
#endif

/* The vectors of a row of `n` numbers, n a multiple of LANES, four at a time: the code sees the place `j` and, for its
 * sums, the place `k` of four. */
#define ROW(n, ...)                                                                             \
  {                                                                                             \
    int b_ = 0;                                                                                 \
    for (; b_ + 4 * LANES <= (n); b_ += 4 * LANES)                                              \
      for (int k = 0; k < 4; k++) { const int j = b_ + k * LANES; __VA_ARGS__ }                 \
    for (; b_ < (n); b_ += LANES) { const int k = 0, j = b_; __VA_ARGS__ }                      \
  }
#define ZEROS {set(0), set(0), set(0), set(0)}
#define SUM(s) total(add(add(s[0], s[1]), add(s[2], s[3])))

static int N, M, T, P;         /* cells, inputs, ticks; M rounded up to whole vectors of eight */
static double *w, *x[2], *y;   /* weights in rows of P, the two patterns, what each cell does */

static inline double *row_of(int i) { return w + (size_t)i * P; }
static inline const double *pattern(int t) { return x[(t / 100) & 1]; }
static inline double relu(double v) { return v > 0 ? v : 0; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }

/* zeroed, at the start of a cache line */
static void *memory(size_t bytes) {
  bytes = (bytes + 63) / 64 * 64;
  void *p = aligned_alloc(64, bytes);
  if (!p) { fprintf(stderr, "not enough memory\n"); exit(1); }
  return memset(p, 0, bytes);
}

static double dot(const double *a, const double *b, int n) {
  V s[4] = ZEROS;
  ROW(n, s[k] = fma_(load(a + j), load(b + j), s[k]);)
  return SUM(s);
}

static void sizes(int c, char **v) {
  if (c == 4) { N = atoi(v[1]); M = atoi(v[2]); T = atoi(v[3]); }
  if (N < 1 || M < 2 || T < 1) { fprintf(stderr, "usage: %s N M T\n", v[0]); exit(2); }
  P = (M + 7) / 8 * 8;
  w = memory((size_t)N * P * 8); y = memory(N * 8);
  for (int k = 0; k < 2; k++) x[k] = memory((P + 8) * 8);
  for (int j = 0; j < M; j++) { x[0][j] = (double)j / (M - 1); x[1][j] = 1 - x[0][j]; }
}

/* weights that differ from cell to cell, and the first response */
static __attribute__((unused)) void start(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < M; j++) row_of(i)[j] = (.5 + .5 * i / N) / M;
    y[i] = dot(row_of(i), x[0], P);
  }
}

static void report(const char *name, double best, double synapses, double mean, double last) {
  printf("%s-%d %8.4f ns/synapse/step  %9.6f s  mean w %.13g  y %.13g\n", name, WIDTH, best / (synapses * T) * 1e9, best, mean, last);
}

/* best of 7; `y[N-1]` is the response of the last cell to the pattern that would come next */
static __attribute__((unused)) void measure(const char *name, void (*reset)(void), void (*run)(void)) {
  double best = 1e300, sum = 0;
  for (int rep = 0; rep < 7; rep++) { reset(); double s = now(); run(); double d = now() - s; if (d < best) best = d; }
  for (int i = 0; i < N; i++) for (int j = 0; j < M; j++) sum += row_of(i)[j];
  report(name, best, (double)N * M, sum / ((double)N * M), y[N - 1]);
}
