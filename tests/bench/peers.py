# Kept beside limit.c as it came with the design of the engine (shared/bench/peers.py); compare.sh --peers runs it.
"""The job of limit.c done by the tools a user would pick instead, in one process each, on one core.

usage: python peers.py {numpy,jax,brian2,annarchy} N M T
Prints build seconds, run seconds, nanoseconds per synapse per step and the checks mean w and y0
(limit.c prints the same two; jax and numpy agree to rounding; brian2 and annarchy update theta
before w within a step, so their last digits differ).
Needs, in a virtual environment of its own: numpy<2.3 jax brian2 cython ANNarchy nanobind pybind11, and cmake from the system.
"""
import sys, tempfile, time

TOOL, (N, M, T) = sys.argv[1], map(int, sys.argv[2:5])
import numpy as np

ETA, LAM, TAU = 1e-6, 1e-7, 1000.0
X = np.stack([np.arange(M) / (M - 1), 1 - np.arange(M) / (M - 1)])
W0, TH0 = np.full((N, M), 0.5 / M), np.full(N, 0.1)


def report(build, run, w, y0):
    print(f"{TOOL:9s} {N}x{M}x{T} build {build:7.2f} s  run {run:8.4f} s  "
          f"{1e9 * run / (N * M * T):8.4f} ns/synapse/step  mean w {np.mean(w):.12g}  y0 {y0:.12g}")


def numpy_():
    w, th, t0 = W0.copy(), TH0.copy(), time.perf_counter()
    for t in range(T):
        x = X[(t // 100) & 1]
        y = np.maximum(w @ x, 0)
        dw = ETA * np.outer(y * (y - th), x) - LAM * w
        th += (y * y - th) / TAU
        w = np.clip(w + dw, 0, 3)
    report(0, time.perf_counter() - t0, w, float(w[0] @ X[(T // 100) & 1]))


def jax_():
    import jax, jax.numpy as jnp
    jax.config.update("jax_enable_x64", True)
    xs = jnp.asarray(X)

    def step(c, t):
        w, th = c
        x = xs[(t // 100) & 1]
        y = jnp.maximum(w @ x, 0)
        dw = ETA * (y * (y - th))[:, None] * x[None, :] - LAM * w
        return (jnp.clip(w + dw, 0, 3), th + (y * y - th) / TAU), None

    f = jax.jit(lambda w, th: jax.lax.scan(step, (w, th), jnp.arange(T))[0])
    w, th = jnp.asarray(W0), jnp.asarray(TH0)
    t0 = time.perf_counter(); f(w, th)[0].block_until_ready(); first = time.perf_counter() - t0
    best = 1e300
    for _ in range(5):
        t0 = time.perf_counter(); r = f(w, th); r[0].block_until_ready(); best = min(best, time.perf_counter() - t0)
    report(first - best, best, np.asarray(r[0]), float(r[0][0] @ xs[(T // 100) & 1]))


def brian2_():
    from brian2 import (NeuronGroup, Synapses, TimedArray, defaultclock, device, ms, prefs, run, set_device)
    prefs.codegen.cpp.extra_compile_args_gcc = ["-w", "-O3", "-ffast-math", "-march=native"]
    set_device("cpp_standalone", directory=tempfile.mkdtemp(), build_on_run=False)
    defaultclock.dt = 1 * ms
    pat = TimedArray(np.stack([X[k & 1] for k in range(T // 100 + 1)]), dt=100 * ms)
    pre = NeuronGroup(M, "r = pat(t, i) : 1", namespace={"pat": pat})
    post = NeuronGroup(N, "I : 1\nr = clip(I, 0, inf) : 1\ndth/dt = (r**2 - th)/(1000*ms) : 1", method="euler")
    post.th = 0.1
    syn = Synapses(pre, post, "w : 1\nI_post = w*r_pre : 1 (summed)")
    syn.connect(); syn.w = 0.5 / M
    syn.run_regularly(f"w = clip(w + {ETA}*r_pre*r_post*(r_post - th_post) - {LAM}*w, 0, 3)", dt=1 * ms)
    t0 = time.perf_counter(); run(T * ms); device.build(run=False); build = time.perf_counter() - t0
    best = 1e300
    for _ in range(3):
        t0 = time.perf_counter(); device.run(); best = min(best, time.perf_counter() - t0)
    report(build, best, syn.w[:], float(post.I[0]))


def annarchy_():
    import ANNarchy as ann
    t0 = time.perf_counter()
    net = ann.Network(dt=1.0); net.config(num_threads=1)
    out = ann.Neuron(parameters="tau = 1000.0 : population",
                     equations="r = pos(sum(exc))\ndtheta/dt = (r^2 - theta)/tau : init=0.1")
    rule = ann.Synapse(parameters="eta=1e-6 : projection\nlam=1e-7 : projection",
                       equations="dw/dt = eta*pre.r*post.r*(post.r-post.theta) - lam*w : min=0.0, max=3.0")
    a = net.create(ann.TimedArray(rates=np.stack([X[k & 1] for k in range(2)]), schedule=100.0, period=200.0))
    b = net.create(geometry=N, neuron=out)
    p = net.connect(a, b, "exc", rule); p.all_to_all(weights=0.5 / M, storage_format="dense")
    net.compile(); build = time.perf_counter() - t0
    t0 = time.perf_counter(); net.simulate(float(T)); run = time.perf_counter() - t0
    report(build, run, np.asarray(p.w), float(b.r[0]))


{"numpy": numpy_, "jax": jax_, "brian2": brian2_, "annarchy": annarchy_}[TOOL]()
