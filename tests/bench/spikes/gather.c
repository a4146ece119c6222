/* The spikes of sparse_stdp.plast by hand: N cells on each side, 10 Hz, fan synapses a cell; weights by postsynaptic cell, an index
 * list for the presynaptic side; traces decay when they are read (one exponential for a cell and spike is kept with its time).
 * cc -O3 -march=native -o gather gather.c -lm && taskset -c 1 ./gather N FAN SPAN */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t s = 88172645463325252ull;
static double uniform(void) { s ^= s << 13; s ^= s >> 7; s ^= s << 17; return ((s >> 11) + 0.5) * 0x1p-53; }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
struct spike { double t; uint32_t cell; };
static int before(const void *a, const void *b) { double x = ((const struct spike *)a)->t, y = ((const struct spike *)b)->t; return (x > y) - (x < y); }

int main(int argc, char **argv) {
    int n = atoi(argv[1]), fan = atoi(argv[2]);
    double span = atof(argv[3]);
    size_t m = 0, cap = (size_t)n * fan * 11 / 10 + 10000;
    uint32_t *col = malloc(cap * 4), *row = malloc((n + 1) * 4), *pre_row = calloc(n + 2, 4), *at, *to;
    for (int j = 0; j < n; j++) {
        row[j] = m;
        double p = (double)fan / n;
        if (p >= 1) for (int i = 0; i < n; i++) col[m++] = i;
        else for (double i = floor(log(uniform()) / log(1 - p)); i < n; i += 1 + floor(log(uniform()) / log(1 - p))) col[m++] = i;
    }
    row[n] = m;
    at = malloc(m * 4), to = malloc(m * 4);
    for (size_t e = 0; e < m; e++) pre_row[col[e] + 1]++;
    for (int i = 0; i < n; i++) pre_row[i + 1] += pre_row[i];
    uint32_t *fill = malloc(n * 4);
    memcpy(fill, pre_row, n * 4);
    for (int j = 0; j < n; j++) for (uint32_t e = row[j]; e < row[j + 1]; e++) { uint32_t k = fill[col[e]]++; at[k] = e; to[k] = j; }
    double *w = malloc(m * 8);
    for (size_t e = 0; e < m; e++) w[e] = 0.5;
    /* traces as value * exp(-(t - since)/tau), kept as value * exp(since/tau): one multiplication when read, rescaled now and then */
    double *r = calloc(n, 8), *o = calloc(n, 8), *tr = calloc(n, 8), *to_ = calloc(n, 8);
    size_t total = 0, room = (size_t)(2 * n * 10 * span * 1.2) + 1000;
    struct spike *sp = malloc(room * sizeof *sp);
    for (int c = 0; c < 2 * n; c++) for (double t = -log(uniform()) / 10; t < span; t -= log(uniform()) / 10) sp[total++] = (struct spike){t, c};
    qsort(sp, total, sizeof *sp, before);
    double start = now(), base = 0;
    size_t events = 0;
    for (size_t k = 0; k < total; k++) {
        double t = sp[k].t;
        if (t - base > 2) { /* keep the factors small */
            double f = exp(-(t - base) / 0.02);
            for (int c = 0; c < n; c++) r[c] *= f, o[c] *= f;
            base = t;
        }
        double down = exp(-(t - base) / 0.02), up = 1 / down;
        int c = sp[k].cell;
        if (c < n) {
            for (uint32_t e = pre_row[c]; e < pre_row[c + 1]; e++) {
                double x = w[at[e]] - 0.00525 * down * o[to[e]];
                w[at[e]] = x < 0 ? 0 : x > 1 ? 1 : x;
            }
            events += pre_row[c + 1] - pre_row[c];
            r[c] += up;
        } else {
            c -= n;
            for (uint32_t e = row[c]; e < row[c + 1]; e++) {
                double x = w[e] + 0.005 * down * r[col[e]];
                w[e] = x < 0 ? 0 : x > 1 ? 1 : x;
            }
            events += row[c + 1] - row[c];
            o[c] += up;
        }
    }
    double took = now() - start, mean = 0;
    for (size_t e = 0; e < m; e++) mean += w[e] / m;
    printf("N %d fan %d: synapses %zu spikes %zu events %zu run %.2f ms %.3f ns/event %.1f ns/spike mean w %.6f\n", n, fan, m, total, events, took * 1e3, took / events * 1e9, took / total * 1e9, mean);
}
