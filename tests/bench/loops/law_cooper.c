/* dw = eta x y (y - theta)/max(theta, least), bounded; tau dtheta = y^2 - theta; y = max(0, sum(w x)). */
#include "job.h"

static const double ETA = 1e-6, TAU = 1000, LEAST = 1e-3, LO = 0, HI = 3;
static double *th;

static inline double row(double *r, const double *xt, const double *xn, double aa) {
  V a = set(aa), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  ROW(P, V v = clamp(fma_(a, load(xt + j), load(r + j)), lo, hi); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static inline double gain(double *th, double yi) {
  double p = relu(yi), a = ETA * p * (p - *th) / (*th > LEAST ? *th : LEAST);
  *th += (p * p - *th) / TAU;
  return a;
}
static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = row(row_of(i), pattern(t), pattern(t + 1), gain(&th[i], y[i]));
}
static __attribute__((noinline)) void row_major(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i], h = th[i];
    for (int t = 0; t < T; t++) yi = row(row_of(i), pattern(t), pattern(t + 1), gain(&h, yi));
    y[i] = yi; th[i] = h;
  }
}
static void reset(void) { start(); for (int i = 0; i < N; i++) th[i] = .1; }
int main(int c, char **v) {
  sizes(c, v);
  th = memory(N * 8);
  measure("step-major", reset, step_major);
  measure("row-major", reset, row_major);
}
