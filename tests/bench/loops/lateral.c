/* BCM as in ../limit.c; the drive of a cell also loses sum(l y) over all cells as they were a tick before, with
 * l = 0.4 |i - k|/N^2. A tick needs all cells of the last one, so there is one order. */
#include "job.h"

static const double ETA = 1e-6, LAM = 1e-7, TAU = 1000, LO = 0, HI = 3;
static double *th, *l, *z, *last; /* l in rows of Q; what the cells do now and did a tick before */
static int Q;

static inline double row(double *r, const double *xt, const double *xn, double aa) {
  V a = set(aa), b = set(1 - LAM), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  ROW(P, V v = clamp(fma_(a, load(xt + j), mul(b, load(r + j))), lo, hi); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++) {
    for (int i = 0; i < N; i++) {
      double p = relu(y[i] - dot(l + (size_t)i * Q, last, Q)), a = ETA * p * (p - th[i]);
      th[i] += (p * p - th[i]) / TAU;
      z[i] = p;
      y[i] = row(row_of(i), pattern(t), pattern(t + 1), a);
    }
    double *swap = last; last = z; z = swap;
  }
}
static void reset(void) {
  start();
  memset(last, 0, Q * 8);
  for (int i = 0; i < N; i++) {
    th[i] = .1;
    for (int k = 0; k < N; k++) l[(size_t)i * Q + k] = .4 * abs(i - k) / N / N;
  }
}
int main(int c, char **v) {
  sizes(c, v);
  Q = (N + 7) / 8 * 8;
  th = memory(N * 8); l = memory((size_t)N * Q * 8); z = memory(Q * 8); last = memory(Q * 8);
  measure("step-major", reset, step_major);
}
