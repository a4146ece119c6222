/* The job of ../limit.c where a tenth of the synapses exist, the same ones as in the program: those whose first draw of
 * the generator of the numerical contract is below 0.1. Weights lie in compressed rows.
 *
 * Three forms: step-major and row-major gather the inputs of a row in every tick (once, where this and the next input are
 * the same). `packed`, row-major too, gathers the two patterns once for each row and is dense from there on. */
#include "job.h"

static const double ETA = 1e-6, LAM = 1e-7, TAU = 1000, LO = 0, HI = 3, PART = 0.1;
static size_t *from;          /* where a row begins, in whole vectors of eight; N + 1 of them */
static int32_t *col;          /* which input; the padding reads one that is always zero */
static double *sw, *th;
static double *packed[2];
static long synapses;

static uint64_t key(uint64_t seed, const char *path) {
  uint64_t h = 0xCBF29CE484222325;
  for (; *path; path++) h = (h ^ (unsigned char)*path) * 0x100000001B3;
  h += seed * 0x9E3779B97F4A7C15;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EB;
  return h ^ (h >> 31);
}
/* Philox4x32-10: a number in [0, 1) for an element and a draw */
static double uniform(uint64_t key, uint64_t element, uint64_t draw) {
  uint32_t k0 = key, k1 = key >> 32, c[4] = {element, element >> 32, draw, draw >> 32};
  for (int i = 0; i < 10; i++, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
    uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
    uint32_t n[4] = {(b >> 32) ^ c[1] ^ k0, b, (a >> 32) ^ c[3] ^ k1, a};
    memcpy(c, n, sizeof c);
  }
  return (((uint64_t)c[1] << 32 | c[0]) >> 11) * 0x1p-53;
}

static inline double row(size_t b, size_t e, const double *xt, const double *xn, double aa) {
  V a = set(aa), l = set(1 - LAM), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  double *r = sw + b;
  const int32_t *c = col + b;
  if (xt == xn) {
    ROW((int)(e - b), V g = gather(xt, c + j), v = clamp(fma_(a, g, mul(l, load(r + j))), lo, hi); store(r + j, v); s[k] = fma_(v, g, s[k]);)
  } else {
    ROW((int)(e - b), V v = clamp(fma_(a, gather(xt, c + j), mul(l, load(r + j))), lo, hi); store(r + j, v); s[k] = fma_(v, gather(xn, c + j), s[k]);)
  }
  return SUM(s);
}
static inline double dense(double *r, int n, const double *xt, const double *xn, double aa) {
  V a = set(aa), l = set(1 - LAM), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  ROW(n, V v = clamp(fma_(a, load(xt + j), mul(l, load(r + j))), lo, hi); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static inline double gain(double *th, double yi) { double p = relu(yi), a = ETA * p * (p - *th); *th += (p * p - *th) / TAU; return a; }

static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = row(from[i], from[i + 1], pattern(t), pattern(t + 1), gain(&th[i], y[i]));
}
static __attribute__((noinline)) void row_major(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i], h = th[i];
    for (int t = 0; t < T; t++) yi = row(from[i], from[i + 1], pattern(t), pattern(t + 1), gain(&h, yi));
    y[i] = yi; th[i] = h;
  }
}
static __attribute__((noinline)) void row_packed(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i], h = th[i], *r = sw + from[i];
    int n = (int)(from[i + 1] - from[i]);
    for (int p = 0; p < 2; p++) for (int j = 0; j < n; j += LANES) store(packed[p] + j, gather(x[p], col + from[i] + j));
    for (int t = 0; t < T; t++) yi = dense(r, n, packed[(t / 100) & 1], packed[((t + 1) / 100) & 1], gain(&h, yi));
    y[i] = yi; th[i] = h;
  }
}
static void reset(void) {
  for (int i = 0; i < N; i++) {
    y[i] = 0; th[i] = .1;
    for (size_t e = from[i]; e < from[i + 1]; e++) { sw[e] = col[e] < M ? 10 * (.5 + .5 * i / N) / M : 0; y[i] += sw[e] * x[0][col[e]]; }
  }
}
static void measure_sparse(const char *name, void (*run)(void)) {
  double best = 1e300, sum = 0;
  for (int rep = 0; rep < 7; rep++) { reset(); double s = now(); run(); double d = now() - s; if (d < best) best = d; }
  for (size_t e = 0; e < from[N]; e++) sum += sw[e];
  report(name, best, synapses, sum / synapses, y[N - 1]);
}
int main(int c, char **v) {
  sizes(c, v);
  th = memory(N * 8); from = memory((N + 1) * sizeof *from);
  for (int p = 0; p < 2; p++) packed[p] = memory(P * 8);
  col = memory((size_t)N * P * 4);
  uint64_t k = key(0, "ff/connect");
  size_t at = 0;
  for (int i = 0; i < N; i++) {
    from[i] = at;
    for (int j = 0; j < M; j++) if (uniform(k, (uint64_t)i << 32 | j, 0) < PART) { col[at++] = j; synapses++; }
    while (at % 8) col[at++] = P;
  }
  from[N] = at;
  sw = memory(at * 8);
  measure_sparse("step-major", step_major);
  measure_sparse("row-major", row_major);
  measure_sparse("row-packed", row_packed);
}
