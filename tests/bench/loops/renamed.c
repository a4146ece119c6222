/* dw = eta x y (y - theta) - lambda w - kappa r w, bounded; tau dtheta = y^2 - theta; quick dr = y - r;
 * y = max(0, sum(w x)). What decays is the same for a whole row: one factor. */
#include "job.h"

static const double ETA = 1e-6, LAM = 1e-7, KAPPA = 1e-6, TAU = 1000, QUICK = 100, LO = 0, HI = 3;
typedef struct { double th, r; } Cell;
static Cell *cell;

static inline double row(double *r, const double *xt, const double *xn, Cell *c, double yi) {
  double p = relu(yi);
  V a = set(ETA * p * (p - c->th)), b = set(1 - LAM - KAPPA * c->r), lo = set(LO), hi = set(HI), s[4] = ZEROS;
  c->th += (p * p - c->th) / TAU;
  c->r += (p - c->r) / QUICK;
  ROW(P, V v = clamp(fma_(a, load(xt + j), mul(b, load(r + j))), lo, hi); store(r + j, v); s[k] = fma_(v, load(xn + j), s[k]);)
  return SUM(s);
}
static __attribute__((noinline)) void step_major(void) {
  for (int t = 0; t < T; t++)
    for (int i = 0; i < N; i++) y[i] = row(row_of(i), pattern(t), pattern(t + 1), &cell[i], y[i]);
}
static __attribute__((noinline)) void row_major(void) {
  for (int i = 0; i < N; i++) {
    double yi = y[i];
    Cell c = cell[i];
    for (int t = 0; t < T; t++) yi = row(row_of(i), pattern(t), pattern(t + 1), &c, yi);
    y[i] = yi; cell[i] = c;
  }
}
static void reset(void) { start(); for (int i = 0; i < N; i++) cell[i] = (Cell){.1, 0}; }
int main(int c, char **v) {
  sizes(c, v);
  cell = memory(N * sizeof(Cell));
  measure("step-major", reset, step_major);
  measure("row-major", reset, row_major);
}
