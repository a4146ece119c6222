/* One synapse under BCM, T ticks, in plain C; usage: one_synapse 1 1 T */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double ETA = 1e-5, LAM = 1e-7, TAU = 1000, LO = 0, HI = 3;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }

/* the input is read anew in every tick: it could be another */
static __attribute__((noinline)) double ticks(double *w, double *th, const volatile double *x, long T) {
  double v = *w, h = *th;
  for (long t = 0; t < T; t++) {
    double xt = *x, y = v * xt;
    y = y > 0 ? y : 0;
    v = (1 - LAM) * v + ETA * y * (y - h) * xt;
    v = v < LO ? LO : v > HI ? HI : v;
    h += (y * y - h) / TAU;
  }
  *w = v; *th = h;
  return v * *x;
}
int main(int c, char **a) {
  long T = c == 4 ? atol(a[3]) : 0;
  if (T < 1) { fprintf(stderr, "usage: one_synapse 1 1 T\n"); return 2; }
  double best = 1e300, x = 1, w = 0, th = 0, y = 0;
  for (int rep = 0; rep < 7; rep++) {
    w = .5; th = .1;
    double s = now();
    y = ticks(&w, &th, &x, T);
    double d = now() - s;
    if (d < best) best = d;
  }
  printf("scalar %8.4f ns/synapse/step  %9.6f s  mean w %.13g  y %.13g\n", best / T * 1e9, best, w, y);
}
