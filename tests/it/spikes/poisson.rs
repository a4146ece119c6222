//! Poisson sources: the contract of their gaps, and their statistics.

use super::probes;
use plast::backend::Choice;
use plast::contract::philox;

#[test]
fn the_n_th_gap_is_that_of_seed_stream_cell_and_n() {
    let text =
        "seed 11\npopulation p[i: 3] { spikes poisson(40 Hz) }\nprotocol { rest 2 s\nprobe n = p.spikes }";
    let counted = probes(text, Choice::Auto, false);
    let key = philox::key(11, "p/spikes");
    for (cell, n) in counted.get("n").iter().enumerate() {
        let (mut time, mut spikes) = (0.0, 0);
        for draw in 0.. {
            time += -(1.0 - philox::uniform(key, cell as u64, draw)).ln() / 40.0;
            if time > 2.0 {
                break;
            }
            spikes += 1;
        }
        assert_eq!(*n, f64::from(spikes), "cell {cell}");
    }
}

#[test]
fn neither_the_clock_nor_another_population_moves_a_spike() {
    let alone =
        "seed 5\npopulation p[i: 20] { spikes poisson(25 Hz) }\nprotocol { rest 3 s\nprobe n = p.spikes }";
    let clocked = format!("clock 1 ms\n{alone}");
    let beside = format!("{alone}\npopulation a[i: 20] {{ spikes poisson(90 Hz) }}");
    let n = probes(alone, Choice::Auto, false).get("n").to_vec();
    assert_eq!(n, probes(&beside, Choice::Auto, false).get("n"));
    // a spike near the end may fall into the last tick or the next
    let ticks = probes(&clocked, Choice::Auto, true);
    assert!(n.iter().zip(ticks.get("n")).all(|(a, b)| (a - b).abs() <= 1.0));
}

#[test]
fn rates_that_change_scale_the_rest_of_the_gap() {
    let text = "seed 2
param f = 30 Hz
population p[i: 2000] { spikes poisson(f) }
protocol {
    rest 1 s
    probe first = mean(p.spikes)
    set f = 10 Hz
    rest 1 s
    probe second = mean(p.spikes) - 30
}";
    let p = probes(text, Choice::Auto, false);
    // the mean of 2000 counts has a standard error of sqrt(30/2000) = 0.12, then sqrt(40/2000) = 0.14: four of them
    assert!((p.get("first")[0] - 30.0).abs() < 0.5, "{:?}", p.get("first"));
    assert!((p.get("second")[0] - 10.0).abs() < 0.57, "{:?}", p.get("second"));
}

#[test]
fn counts_have_the_variance_of_a_poisson_process() {
    let text = "seed 9\npopulation p[i: 5000] { spikes poisson(20 Hz) }
protocol { rest 1 s\nprobe m = mean(p.spikes)\nprobe v = std(p.spikes)^2 }";
    let p = probes(text, Choice::Auto, false);
    // the variance of 5000 counts of mean 20 has a standard error of 20*sqrt(2/5000) = 0.4: four of them
    assert!((p.get("v")[0] - 20.0).abs() < 1.7, "{:?}", p.get("v"));
    assert!((p.get("m")[0] - 20.0).abs() < 0.26, "{:?}", p.get("m"));
}

#[test]
fn spikes_come_where_the_integrated_rate_has_reached_their_gaps() {
    // statements end in the middle of what has been drawn, with and without another rate
    let text = "seed 3
param f = 40 Hz
population p[i: 300] { spikes poisson(f) }
protocol {
    repeat 7 { rest 90 ms }
    set f = 5 Hz
    rest 1 s
    set f = 0 Hz
    rest 500 ms
    set f = 200 Hz
    repeat 3 { rest 41 ms }
    probe n = p.spikes
}";
    let counted = probes(text, Choice::Auto, false);
    let all = 40.0 * 0.63 + 5.0 * 1.0 + 200.0 * 0.123;
    let key = philox::key(3, "p/spikes");
    for (cell, n) in counted.get("n").iter().enumerate() {
        let gap = |draw| -(1.0 - philox::uniform(key, cell as u64, draw)).ln();
        let mut reached = gap(0);
        let spikes = (1..).take_while(|draw| {
            let comes = reached <= all;
            reached += gap(*draw);
            comes
        });
        assert_eq!(*n, spikes.count() as f64, "cell {cell}");
    }
}
