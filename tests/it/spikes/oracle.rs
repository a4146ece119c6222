//! Spike pairs against a simulation that does what the manual says, cell by cell and instant by instant.

use super::{jumps, probes};
use plast::backend::Choice;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TICK: f64 = 1e-4;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ties {
    Together,
    PreFirst,
    PostFirst,
    Half,
}

/// A population of cells before and one behind, all their spikes, and a rule.
#[derive(Debug, Clone)]
struct Case {
    pre: usize,
    post: usize,
    /// `all`, `one_to_one` or a condition.
    connect: u8,
    /// Tick and cell.
    pre_spikes: Vec<(u64, usize)>,
    post_spikes: Vec<(u64, usize)>,
    ties: Ties,
    nearest: bool,
    soft: bool,
    axonal: u64,
    dendritic: u64,
}

/// Amplitudes and time constants: pair and triplet terms all at work.
const A: [f64; 4] = [0.031, 0.017, 0.023, 0.011];
const TAU: [f64; 4] = [16.8e-3, 50e-3, 33.7e-3, 40e-3];

impl Case {
    fn joined(&self, post: usize, pre: usize) -> bool {
        match self.connect {
            0 => true,
            1 => post == pre,
            _ => !(post + 2 * pre).is_multiple_of(3),
        }
    }

    fn text(&self) -> String {
        let list = |spikes: &[(u64, usize)], of: fn(&(u64, usize)) -> String| {
            spikes.iter().map(of).collect::<Vec<_>>().join(", ")
        };
        let times = |s: &[(u64, usize)]| list(s, |(t, _)| format!("{}.{} ms", t / 10, t % 10));
        let cells = |s: &[(u64, usize)]| list(s, |(_, c)| c.to_string());
        let connect = ["all", "one_to_one", "where mod(post.k + 2*pre.k, 3) != 0"][usize::from(self.connect)];
        let delay = match (self.axonal, self.dendritic) {
            (0, 0) => String::new(),
            (d, 0) => format!("delay {}.{} ms", d / 10, d % 10),
            (_, d) => format!("delay {}.{} ms dendritic", d / 10, d % 10),
        };
        let ties = match self.ties {
            Ties::Together => "together",
            Ties::PreFirst => "pre_first",
            Ties::PostFirst => "post_first",
            Ties::Half => "half",
        };
        let (nearest, [a2p, a3p, a2m, a3m]) = (self.nearest, A);
        let (up, down) = if self.soft { ("(1 - w)*", "w*") } else { ("", "") };
        format!(
            "clock 0.1 ms
rule triplet {{
    param nearest = {nearest}
    trace pre  r1 = 0
    trace pre  r2 = 0
    trace post o1 = 0
    trace post o2 = 0
    16.8 ms * dr1/dt = -r1
    50 ms * dr2/dt = -r2
    33.7 ms * do1/dt = -o1
    40 ms * do2/dt = -o2
    on pre {{
        w -= {down}o1*({a2m} + {a3m}*r2)
        r1 = if nearest then 1 else r1 + 1
        r2 = if nearest then 1 else r2 + 1
    }}
    on post {{
        w += {up}r1*({a2p} + {a3p}*o2)
        o1 = if nearest then 1 else o1 + 1
        o2 = if nearest then 1 else o2 + 1
    }}
    ties {ties}
    bounds w in [0, 1]
}}
population a[k: {}] {{ spikes at [{}] of [{}] }}
population b[k: {}] {{ spikes at [{}] of [{}] }}
synapses s: a -> b {{
    rule triplet
    connect {connect}
    {delay}
    w = 0.5
}}
protocol {{
    rest 200 ms
    probe weight = s.w
    probe r = s.r1
    probe o = s.o2
}}
",
            self.pre,
            times(&self.pre_spikes),
            cells(&self.pre_spikes),
            self.post,
            times(&self.post_spikes),
            cells(&self.post_spikes),
        )
    }

    /// What the weights are at 200 ms, with the traces.
    fn simulated(&self) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let mut w = vec![vec![0.5; self.pre]; self.post];
        let (mut r, mut o) = (vec![[0.0; 2]; self.pre], vec![[0.0; 2]; self.post]);
        let mut instants: BTreeMap<u64, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (t, c) in &self.pre_spikes {
            instants.entry(t + self.axonal).or_default().0.push(*c);
        }
        for (t, c) in &self.post_spikes {
            instants.entry(t + self.dendritic).or_default().1.push(*c);
        }
        let bound = |w: f64| w.clamp(0.0, 1.0);
        let decay = |of: &mut Vec<[f64; 2]>, taus: [f64; 2], time: f64| {
            for traces in of {
                for (v, tau) in traces.iter_mut().zip(taus) {
                    *v *= (-time / tau).exp();
                }
            }
        };
        let mut now = 0;
        for (t, (pres, posts)) in instants.range(..=2000) {
            let time = (t - now) as f64 * TICK;
            decay(&mut r, [TAU[0], TAU[1]], time);
            decay(&mut o, [TAU[2], TAU[3]], time);
            now = *t;
            let spike = |v: [f64; 2]| v.map(|v| if self.nearest { 1.0 } else { v + 1.0 });
            let down = |w: f64, o: [f64; 2], r: [f64; 2]| {
                (if self.soft { w } else { 1.0 }) * o[0] * (A[2] + A[3] * r[1])
            };
            let up = |w: f64, o: [f64; 2], r: [f64; 2]| {
                (if self.soft { 1.0 - w } else { 1.0 }) * r[0] * (A[0] + A[1] * o[1])
            };
            for (i, row) in w.iter_mut().enumerate() {
                for (j, w) in row.iter_mut().enumerate() {
                    let (before, ri, oi) = (*w, r[j], o[i]);
                    if !self.joined(i, j) {
                        continue;
                    }
                    let first_pre = || {
                        let w = bound(before - down(before, oi, ri));
                        bound(w + up(w, oi, spike(ri)))
                    };
                    let first_post = || {
                        let w = bound(before + up(before, oi, ri));
                        bound(w - down(w, spike(oi), ri))
                    };
                    *w = match (pres.contains(&j), posts.contains(&i)) {
                        (false, false) => before,
                        (true, false) => bound(before - down(before, oi, ri)),
                        (false, true) => bound(before + up(before, oi, ri)),
                        (true, true) => match self.ties {
                            Ties::Together => bound(before - down(before, oi, ri) + up(before, oi, ri)),
                            Ties::PreFirst => first_pre(),
                            Ties::PostFirst => first_post(),
                            Ties::Half => (first_pre() + first_post()) / 2.0,
                        },
                    };
                }
            }
            pres.iter().for_each(|j| r[*j] = spike(r[*j]));
            posts.iter().for_each(|i| o[*i] = spike(o[*i]));
        }
        let time = (2000 - now) as f64 * TICK;
        decay(&mut r, [TAU[0], TAU[1]], time);
        decay(&mut o, [TAU[2], TAU[3]], time);
        (w, r.iter().map(|r| r[0]).collect(), o.iter().map(|o| o[1]).collect())
    }
}

fn spikes(cells: usize) -> impl Strategy<Value = Vec<(u64, usize)>> {
    // few different times, so that many coincide; a cell spikes once at an instant
    prop::collection::btree_set((1..60_u64, 0..cells), 1..25)
        .prop_map(|set| set.into_iter().map(|(t, c)| (t * 30, c)).collect())
}

fn case() -> impl Strategy<Value = Case> {
    (1..4_usize, 1..4_usize, 0..3_u8).prop_flat_map(|(pre, post, connect)| {
        let (pre, post) = if connect == 1 { (pre, pre) } else { (pre, post) };
        let ties = prop::sample::select(vec![Ties::Together, Ties::PreFirst, Ties::PostFirst, Ties::Half]);
        let delays = prop::sample::select(vec![(0, 0), (30, 0), (0, 60), (7, 0)]);
        (spikes(pre), spikes(post), ties, any::<bool>(), any::<bool>(), delays).prop_map(
            move |(pre_spikes, post_spikes, ties, nearest, soft, (axonal, dendritic))| Case {
                pre,
                post,
                connect,
                pre_spikes,
                post_spikes,
                ties,
                nearest,
                soft,
                axonal,
                dendritic,
            },
        )
    })
}

/// Both multiply decays by an exponential once per gap, but in another order of operations; some tens of events keep
/// them far within this of each other.
const TOLERANCE: f64 = 1e-12;

fn agree(what: &str, a: &[f64], b: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        prop_assert!((a - b).abs() <= TOLERANCE, "{}: {} and {}", what, a, b);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pairs_and_triplets_are_those_of_a_plain_simulation(case in case()) {
        let text = case.text();
        let (w, r, o) = case.simulated();
        let joined: Vec<(usize, usize)> = (0..case.post)
            .flat_map(|i| (0..case.pre).map(move |j| (i, j)))
            .filter(|(i, j)| case.joined(*i, *j))
            .collect();
        let weights: Vec<f64> = joined.iter().map(|(i, j)| w[*i][*j]).collect();
        let read = |p: &super::Probes| -> Vec<f64> {
            let w = p.get("weight");
            match case.connect {
                1 => w.to_vec(),
                _ => joined.iter().map(|(i, j)| w[i * case.pre + j]).collect(),
            }
        };
        let jumped = probes(&text, Choice::Auto, false);
        prop_assert!(jumps(&text));
        agree("weights", &read(&jumped), &weights)?;
        agree("r", jumped.get("r"), &r)?;
        agree("o", jumped.get("o"), &o)?;
        let ticked = probes(&text, Choice::Auto, true);
        agree("weights by ticks", &read(&ticked), &weights)?;
        agree("r by ticks", ticked.get("r"), &r)?;
        let vm = probes(&text, Choice::Vm, false);
        let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(vm.get("weight")), bits(jumped.get("weight")), "by the vm");
        let vm = probes(&text, Choice::Vm, true);
        prop_assert_eq!(bits(vm.get("weight")), bits(ticked.get("weight")), "by the vm, tick by tick");
    }
}
