//! Synapses that are too many for the nearer caches: what is asked for ahead of time changes no bit.

use super::probes;
use plast::backend::Choice;

/// 700 cells with about 100 synapses each: 560 kB of weights, more than what counts as near.
const MANY: &str = "seed 4
rule stdp {
    trace pre r  = 0
    trace post o = 0
    20 ms * dr/dt = -r
    20 ms * do/dt = -o
    on pre  { w -= 0.00525*o; r += 1 }
    on post { w += 0.005*r; o += 1 }
    bounds w in [0, 1]
}
population a[i: 700] { spikes poisson(15 Hz) }
population b[j: 700] { spikes poisson(15 Hz) }
population c[k: 5]   { spikes at [3, 50, 3, 99, 50] ms of [0, 1, 2, 3, 4] }
synapses s: a -> b { rule stdp; connect random(1/7); w = 0.5 }
synapses u: c -> b { rule stdp; w = 0.5 }
protocol {
    rest 60 ms
    rest 60 ms
    probe ws = s.w
    probe wu = u.w
}";

#[test]
fn every_back_end_finds_the_same_weights() {
    for ticks in [false, true] {
        let text = if ticks { format!("clock 0.5 ms\n{MANY}") } else { MANY.to_string() };
        let (native, vm) = (probes(&text, Choice::Auto, ticks), probes(&text, Choice::Vm, ticks));
        for probe in ["ws", "wu"] {
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert!(bits(native.get(probe)) == bits(vm.get(probe)), "{probe}, tick by tick: {ticks}");
        }
        assert!(native.get("ws").iter().any(|w| (*w - 0.5).abs() > 0.001));
    }
}
