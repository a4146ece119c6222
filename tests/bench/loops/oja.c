/* dw = eta y (x - y w), y = sum(w x). A weight needs one product and one fma: eta y x + (1 - eta y^2) w. */
#include "job.h"

static const double ETA = 1e-5;

static inline double row(double *r, const double *xt, const double *xn, double yi) {
  V a = set(ETA * yi), b = set(1 - ETA * yi * yi), s[4] = ZEROS;
  ROW(P, V v = fma_(a, load(xt + j), mul(b, load(r + j))); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = row(row_of(i), pattern(t), pattern(t + 1), y[i]);
}
static __attribute__((noinline)) void row_major(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i];
    for (int t = 0; t < T; t++) yi = row(row_of(i), pattern(t), pattern(t + 1), yi);
    y[i] = yi;
  }
}
int main(int c, char **v) {
  sizes(c, v);
  measure("step-major", start, step_major);
  measure("row-major", start, row_major);
}
