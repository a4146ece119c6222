/* dw = eta x y, then w := w/sum(w over pre); y = sum(w x).
 *
 * Two forms. `twice` does what the equations say, two passes over a row and tick: grow and sum up, then scale and respond.
 * `lazy` leaves the scaling to the next tick's pass and divides the response instead, one pass. That rounds otherwise, so
 * no program that promises the bits of the first form may do it; its lines say what the promise costs. */
#include "job.h"

static const double ETA = 1e-5;
static double *scale;

static inline double twice(double *r, const double *xt, const double *xn, double yi) {
  V a = set(ETA * yi), s[4] = ZEROS, d[4] = ZEROS;
  ROW(P, V v = fma_(a, load(xt + j), load(r + j)); store(r + j, v); s[k] = add(s[k], v);)
  V f = set(1 / SUM(s));
  ROW(P, V v = mul(f, load(r + j)); store(r + j, v); d[k] = fma_(v, load(xn + j), d[k]);)
  return SUM(d);
}
static inline double lazy(double *r, const double *xt, const double *xn, double *f, double yi) {
  V a = set(ETA * yi), g = set(*f), s[4] = ZEROS, d[4] = ZEROS;
  ROW(P, V v = fma_(a, load(xt + j), mul(g, load(r + j))); store(r + j, v); s[k] = add(s[k], v); d[k] = fma_(v, load(xn + j), d[k]);)
  *f = 1 / SUM(s);
  return *f * SUM(d);
}
static void scaled(void) {
  for (int i = 0; i < N; i++) { V f = set(scale[i]); ROW(P, (void)k; store(row_of(i) + j, mul(f, load(row_of(i) + j)));) }
}
static __attribute__((noinline)) void step_twice(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = twice(row_of(i), pattern(t), pattern(t + 1), y[i]);
}
static __attribute__((noinline)) void row_twice(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i];
    for (int t = 0; t < T; t++) yi = twice(row_of(i), pattern(t), pattern(t + 1), yi);
    y[i] = yi;
  }
}
static __attribute__((noinline)) void step_lazy(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = lazy(row_of(i), pattern(t), pattern(t + 1), &scale[i], y[i]);
  scaled();
}
static __attribute__((noinline)) void row_lazy(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i], f = scale[i];
    for (int t = 0; t < T; t++) yi = lazy(row_of(i), pattern(t), pattern(t + 1), &f, yi);
    y[i] = yi; scale[i] = f;
  }
  scaled();
}
static void reset(void) {
  for (int i = 0; i < N; i++) {
    double *r = row_of(i), sum = 0;
    for (int j = 0; j < M; j++) sum += r[j] = (1 + (double)i / N * j / M) / M;
    for (int j = 0; j < M; j++) r[j] *= 1 / sum;
    y[i] = dot(r, x[0], P);
    scale[i] = 1;
  }
}
int main(int c, char **v) {
  sizes(c, v);
  scale = memory(N * 8);
  measure("step-twice", reset, step_twice);
  measure("row-twice", reset, row_twice);
  measure("step-lazy", reset, step_lazy);
  measure("row-lazy", reset, row_lazy);
}
