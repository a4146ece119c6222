"""Song, Miller & Abbott (2000) in Brian2, made into C++ (standalone mode, one thread): 1000 excitatory and 200 inhibitory
Poisson inputs of 10 Hz onto one conductance-based integrate-and-fire neuron, additive STDP on the excitatory synapses, 100 s in
steps of 0.1 ms, weights that start uniformly between 0 and gmax.

usage: python song_miller_abbott.py [--runs N] [--calm group|input] [--folder DIR] [--check]
  --runs N        how often the compiled program runs (5)
  --calm group    inhibition from a PoissonGroup of 200 cells, like excitation (the default)
  --calm input    inhibition from a PoissonInput: one binomial number for each step instead of 200 uniform ones
  --folder DIR    where the program is made, and left; `cd DIR && ./main` runs it again
  --check         also count spikes, and print them with the weights at the end

Prints the seconds of making the program (code, then compiler) and those of each of its runs (device._last_run_time, which
counts the steps and neither start nor results). Needs brian2 in a virtual environment; `taskset -c 1` pins compiler and program.
"""

import argparse
import tempfile
import time

import numpy as np
from brian2 import (
    Hz, NeuronGroup, PoissonGroup, PoissonInput, SpikeMonitor, Synapses, defaultclock, device, ms, mV, prefs, run, second, seed,
    set_device,
)

ask = argparse.ArgumentParser()
ask.add_argument("--runs", type=int, default=5)
ask.add_argument("--calm", choices=["group", "input"], default="group")
ask.add_argument("--folder")
ask.add_argument("--check", action="store_true")
ask = ask.parse_args()

set_device("cpp_standalone", build_on_run=False)
prefs.devices.cpp_standalone.openmp_threads = 0  # no OpenMP; the compiler has -O3 -ffast-math -march=native by default
defaultclock.dt = 0.1 * ms
seed(1)

g_max = 0.015
constants = dict(
    V_rest=-70 * mV, V_threshold=-54 * mV, V_reset=-60 * mV, E_excite=0 * mV, E_calm=-70 * mV, tau_m=20 * ms, tau_g=5 * ms,
    g_max=g_max, g_calm=0.05, tau_pre=20 * ms, tau_post=20 * ms, A_plus=0.005, A_minus=0.00525,
)

neuron = NeuronGroup(
    1,
    """dv/dt = (V_rest - v + ge*(E_excite - v) + gi*(E_calm - v))/tau_m : volt
       dge/dt = -ge/tau_g : 1
       dgi/dt = -gi/tau_g : 1""",
    threshold="v > V_threshold", reset="v = V_reset", method="euler", namespace=constants,
)
neuron.v = -60 * mV

excite = PoissonGroup(1000, 10 * Hz)
plastic = Synapses(
    excite, neuron,
    """w : 1
       dr/dt = -r/tau_pre : 1 (event-driven)
       do/dt = -o/tau_post : 1 (event-driven)""",
    on_pre="""ge_post += w
              w = clip(w - g_max*A_minus*o, 0, g_max)
              r += 1""",
    on_post="""w = clip(w + g_max*A_plus*r, 0, g_max)
               o += 1""",
    namespace=constants,
)
plastic.connect()
plastic.w = "rand()*g_max"

if ask.calm == "group":
    calm = PoissonGroup(200, 10 * Hz)
    fixed = Synapses(calm, neuron, on_pre="gi_post += g_calm", namespace=constants)
    fixed.connect()
else:
    fixed = PoissonInput(neuron, "gi", 200, 10 * Hz, weight=0.05)

if ask.check:
    count_out, count_in = SpikeMonitor(neuron, record=False), SpikeMonitor(excite, record=False)

folder = ask.folder or tempfile.mkdtemp()
start = time.perf_counter()
run(100 * second)
device.build(directory=folder, compile=False, run=False)
written = time.perf_counter()
device.compile_source(folder, "gcc", False, False)
made = time.perf_counter()
print(f"code {written - start:.2f} s, compiler {made - written:.2f} s", flush=True)

for _ in range(ask.runs):
    device.run(folder, "results", False, [])
    print(f"run {device._last_run_time:.3f} s", flush=True)

if ask.check:
    w = np.asarray(plastic.w[:])
    print(f"spikes: neuron {count_out.num_spikes}, excitatory inputs {count_in.num_spikes}")
    print(f"mean w {w.mean():.6f}, tenths of g_max: {np.histogram(w / g_max, 10, (0, 1))[0].tolist()}")
