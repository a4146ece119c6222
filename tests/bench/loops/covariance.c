/* dw = eta (x - <x>)(y - <y>), bounded; tau d<x> = x - <x>, tau d<y> = y - <y>; y = sum(w x).
 * The running means of the inputs are known beforehand as the inputs are: the row-major order takes as many ticks at a
 * time as leave room for their differences in the second-level cache. */
#include "job.h"

static const double ETA = 1e-6, TAU = 1000, LO = 0, HI = 3;
enum { TILE = 50 };
static double *mx, *my, *d; /* running means; x - <x> of the ticks of a tile */

static inline double row(double *r, const double *dt, const double *xn, double aa) {
  V a = set(aa), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  ROW(P, V v = clamp(fma_(a, load(dt + j), load(r + j)), lo, hi); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static inline void means(double *dt, const double *xt) {
  V h = set(1 / TAU);
  ROW(P, (void)k; V m = load(mx + j), e = load(xt + j) - m; store(dt + j, e); store(mx + j, fma_(h, e, m));)
}
static inline double gain(double *m, double yi) { double e = yi - *m; *m += e / TAU; return ETA * e; }

static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++) {
    means(d, pattern(t));
    for (int i = 0; i < N; i++) y[i] = row(row_of(i), d, pattern(t + 1), gain(&my[i], y[i]));
  }
}
static __attribute__((noinline)) void row_major(void) {
  for (int t0 = 0; t0 < T; t0 += TILE) {
    int n = T - t0 < TILE ? T - t0 : TILE;
    for (int t = 0; t < n; t++) means(d + (size_t)t * P, pattern(t0 + t));
    for (int i = 0; i < N; i++) {
      double yi = y[i], m = my[i];
      for (int t = 0; t < n; t++) yi = row(row_of(i), d + (size_t)t * P, pattern(t0 + t + 1), gain(&m, yi));
      y[i] = yi; my[i] = m;
    }
  }
}
static void reset(void) { start(); memset(mx, 0, P * 8); memset(my, 0, N * 8); }
int main(int c, char **v) {
  sizes(c, v);
  mx = memory(P * 8); my = memory(N * 8); d = memory((size_t)TILE * P * 8);
  measure("step-major", reset, step_major);
  measure("row-major", reset, row_major);
}
