use super::{DECAY, chart, curve, drawn, one, ran};
use crate::harness::Files;
use plast::report::figures::{Shape, figures};
use plast::runtime::{Options, Silent};

#[test]
fn what_a_plot_follows_is_what_a_record_of_it_is() {
    let text = format!(
        "{DECAY}
protocol {{
    phase first  {{ present 1 on source for 1000 s }}
    phase second {{ present 2 on source for 300 ms }}
    phase third  {{ present 1 on source for 500 s; probe end = ff.w }}
}}
record all = 10*ff.w every tick
plot 10*ff.w vs t
"
    );
    let (checked, finished) = ran(&text, &Files::default());
    let reading = finished.reading(&checked);
    let all = figures(&reading);
    let figure = all[0].as_ref().unwrap();
    let c = &chart(figure, 0).curves[0];
    let record = &finished.recording.cases[0].main.records.as_slice()[0];
    let known = record.read(0, record.samples()).unwrap();
    assert_eq!(known.len(), 15_004);
    for (t, v) in c.x.iter().zip(&c.y) {
        let tick = (t / 0.1).round() as usize;
        assert_eq!(*v, known[tick], "at {t}");
    }
    // enough of them, not too many, and the beginnings of all phases among them
    assert!((1500..2010).contains(&c.x.len()), "{}", c.x.len());
    for begin in [0.0, 1000.0, 1000.3, 1500.3] {
        assert!(c.x.iter().any(|t| (t - begin).abs() < 1e-6), "no sample at {begin}");
    }
    let phases: Vec<_> = chart(figure, 0).phases.iter().map(|p| (p.name.as_str(), p.from, p.to)).collect();
    assert_eq!(phases.len(), 3);
    assert_eq!(phases[0], ("first", 0.0, 1000.0));
    assert!((phases[1].2 - 1000.3).abs() < 1e-9);
}

#[test]
fn following_changes_no_result() {
    let text = format!(
        "{DECAY}
protocol {{ phase p {{ present 1 on source for 77.7 s; probe end = ff.w }} }}
record all = ff.w every 10 s
plot ff.w + target.y vs t
"
    );
    let (checked, followed) = ran(&text, &Files::default());
    let plain = checked.run(&[0], &Options::default(), &mut Silent).unwrap();
    let (with, without) = (&followed.recording.cases[0].main, &plain.recording.cases[0].main);
    assert_eq!(with.probes, without.probes);
    assert_eq!((with.records.len(), without.records.len()), (2, 1));
    let read = |run: &plast::record::Run| run.records.as_slice()[0].read(0, 99).unwrap();
    assert_eq!(read(with), read(without));
}

#[test]
fn a_run_of_unknown_length_is_followed_to_its_end() {
    let text = format!(
        "{DECAY}
protocol {{ phase p {{ present 1 on source until ff.w < 0.2 within 10000 s; probe end = ff.w }} }}
plot ff.w vs t
"
    );
    let figure = one(&text);
    let c = &chart(&figure, 0).curves[0];
    let end = *c.x.last().unwrap();
    // exp(-t / 100 s) = 0.2 at 160.9 s
    assert!((end - 161.0).abs() < 1.0, "{end}");
    assert!(c.x.len() > 1000 && c.x.len() < 8000, "{}", c.x.len());
    assert_eq!(c.y[0], 1.0);
    assert!(c.x.windows(2).all(|p| p[0] < p[1]));
}

#[test]
fn the_control_is_overlaid_as_it_ran() {
    let text = format!(
        "{DECAY}
protocol {{
    phase before {{ rest 10 s }}
    phase show   {{ present 1 on source for 10 s }}
    control without show
}}
plot target.y vs t with control
"
    );
    let figure = one(&text);
    let c = chart(&figure, 0);
    assert_eq!(
        c.curves.iter().map(|c| (c.name.as_str(), c.control)).collect::<Vec<_>>(),
        [("target.y", false), ("control", true)]
    );
    let (main, control) = (&c.curves[0], &c.curves[1]);
    assert!(control.y.iter().all(|y| *y == 0.0));
    let shown = main.x.iter().zip(&main.y).find(|(t, _)| **t >= 10.0).unwrap();
    assert!((shown.1 - 0.99_f64.powf(10.0)).abs() < 5e-3);
}

const CELLS: &str = "
clock 1 s
param gain = 1
CASES
population source
population target[cell: 20] { output y = gain*drive*(1 + cell) }
synapses ff: source -> target { fixed; w = 1 }
protocol { phase p { present 1 on source for 4 s; probe out = target.y } }
record rate = target.y every 1 s
";

#[test]
fn many_cells_are_a_mean_with_its_range() {
    for plot in ["plot rate vs t", "plot target.y vs t"] {
        let figure = one(&format!("{}{plot}", CELLS.replace("CASES", "")));
        let c = &chart(&figure, 0).curves[0];
        let (least, largest) = c.range.as_ref().unwrap();
        assert_eq!((c.y[2], least[2], largest[2]), (10.5, 1.0, 20.0), "{plot}");
        assert_eq!(figure.notes, ["lines: mean over cell (20); bands: from the least to the largest"]);
        // the band is drawn, too, and where there are many samples
        let long = one(&format!("{}{plot}", CELLS.replace("CASES", "").replace("for 4 s", "for 400 s")));
        let (least, largest) = chart(&long, 0).curves[0].range.as_ref().unwrap();
        assert_eq!((least[300], largest[300]), (1.0, 20.0), "{plot}");
        assert!(long.svg().contains("fill-opacity=\"0.22\""));
    }
}

#[test]
fn a_few_cells_are_a_curve_each() {
    let figure = one(&format!("{}plot rate vs t", CELLS.replace("CASES", "").replace("cell: 20", "cell: 3")));
    let c = chart(&figure, 0);
    assert_eq!(c.curves.len(), 3);
    assert_eq!(curve(c, "cell: 2").y[1], 3.0);
    assert!(c.curves.iter().all(|c| c.range.is_none()));
}

#[test]
fn cases_are_panels_unless_they_are_curves() {
    let cases = CELLS.replace("CASES", "cases strength { weak {} strong { gain = 2 } }");
    let panels = one(&format!("{cases}plot rate vs t"));
    assert_eq!(panels.panels.iter().map(|p| p.title.as_str()).collect::<Vec<_>>(), ["weak", "strong"]);
    assert_eq!((chart(&panels, 0).curves[0].y[1], chart(&panels, 1).curves[0].y[1]), (10.5, 21.0));
    // one scale for both
    assert_eq!(chart(&panels, 0).y, chart(&panels, 1).y);
    let curves = one(&format!("{cases}plot mean(rate over cell) vs t split by strength"));
    assert_eq!((curves.panels.len(), curve(chart(&curves, 0), "strong").y[1]), (1, 21.0));
}

#[test]
fn seeds_are_folded() {
    let text = CELLS.replace("CASES", "cases seed in 0..3").replace("w = 1 }", "w = uniform(1, 2) }");
    let figure = one(&format!("{text}plot mean(out) vs t")
        .replace("plot mean(out) vs t", "plot mean(rate over cell) vs t"));
    let (checked, finished) = ran(&text, &Files::default());
    let out = plast::hir::ProbeId(0);
    let means: Vec<f64> = (0..3)
        .map(|i| finished.reading(&checked).probe(i, false, out).unwrap().data.iter().sum::<f64>() / 20.0)
        .collect();
    let c = &chart(&figure, 0).curves[0];
    let (least, largest) = c.range.as_ref().unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12 * b;
    assert!(near(c.y[1], means.iter().sum::<f64>() / 3.0));
    assert!(near(least[1], means.iter().copied().fold(f64::INFINITY, f64::min)));
    assert!(near(largest[1], means.iter().copied().fold(0.0, f64::max)));
}

const TABLE: &str = "
let data = load(\"d.csv\", columns = [rate Hz, lag ms, change, sem])
population source
protocol { rest 1 ms }
";

#[test]
fn data_are_points_with_errors_split_by_a_value() {
    let mut files = Files::default();
    files.insert("d.csv", "rate,lag,change,sem\n10,10,0.5,0.1\n50,10,0.9,0.2\n0.1,10,0.1,0.05\n10,-10,-0.4,0.1\n50,-10,0.3,0.3\n");
    let text = format!("{TABLE}plot 2*data.change, data.change +- data.sem vs data.rate split by data.lag");
    let (checked, finished) = ran(&text, &files);
    let all = figures(&finished.reading(&checked));
    let figure = all[0].as_ref().unwrap();
    let c = chart(figure, 0);
    assert_eq!((c.x.caption().as_str(), c.curves.len()), ("data.rate (Hz)", 4));
    let measured = curve(c, "data.change, data.lag: 10 ms");
    assert_eq!(measured.shape, Shape::Points);
    // sorted by rate
    assert_eq!((&measured.x, &measured.y), (&vec![0.1, 10.0, 50.0], &vec![0.1, 0.5, 0.9]));
    assert_eq!(measured.error.as_ref().unwrap(), &[0.05, 0.1, 0.2]);
    let model = curve(c, "2*data.change, data.lag: -10 ms");
    assert_eq!((&model.x, &model.y, model.shape), (&vec![10.0, 50.0], &vec![-0.8, 0.6], Shape::Line));
    assert_eq!(model.color, curve(c, "data.change, data.lag: -10 ms").color);
}

#[test]
fn a_histogram_has_its_edges_in_the_unit_of_what_is_counted() {
    let text = "
population cell[i: 5] { state v = (i*i) * 1 mV; 1 s * dv/dt = 0 mV; output y = v }
protocol { rest 1 ms }
plot histogram(cell.v, 4)
";
    let figure = one(text);
    let c = chart(&figure, 0);
    assert_eq!((c.x.caption().as_str(), c.y.label.as_str()), ("cell.v (mV)", "count"));
    let h = &c.curves[0];
    let near = h.x.iter().zip([0.0, 4.0, 8.0, 12.0, 16.0]).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(near && h.shape == Shape::Steps, "{h:?}");
    assert_eq!(h.y, [2.0, 1.0, 1.0, 1.0]);
}

#[test]
fn a_table_of_responses_is_bars() {
    let cases = CELLS.replace("CASES", "cases strength { weak {} strong { gain = 2 } }");
    let figure = one(&format!("{cases}plot out vs strength"));
    let c = chart(&figure, 0);
    let bars = &c.curves[0];
    assert_eq!((bars.shape, &bars.y), (Shape::Bars, &vec![10.5, 21.0]));
    assert_eq!(bars.range.as_ref().unwrap().1, [20.0, 40.0]);
    assert_eq!(c.x.ticks.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(), ["weak", "strong"]);
    assert_eq!(c.y.lo, 0.0);
}

#[test]
fn values_of_two_dimensions_are_drawn_apart() {
    let text = "
clock 1 ms
population cell { state v = -65 mV; 10 ms * dv/dt = -v; output y = 5 Hz }
protocol { rest 20 ms }
plot cell.v, cell.y vs t
";
    let figure = one(text);
    let captions: Vec<_> = (0..2).map(|i| chart(&figure, i).y.caption()).collect();
    assert_eq!(captions, ["cell.v (mV)", "cell.y (Hz)"]);
    assert_eq!(chart(&figure, 0).x.caption(), "t (ms)");
    assert_eq!(chart(&figure, 0).curves[0].y[0], -65.0);
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let text = format!(
        "{DECAY}
protocol {{ phase p {{ present 1 on source for 1 s; probe end = ff.w }} }}
plot end
"
    );
    let undrawn = drawn(&text).remove(0).unwrap_err();
    assert_eq!(
        undrawn.reason,
        "this is a single number, without an axis to draw it along; `plot A, B` draws several as bars, `plot VALUE vs X` \
         along an axis or the time"
    );
}

#[test]
fn the_picture_is_the_same_every_time() {
    let text =
        format!("{}plot rate vs t", CELLS.replace("CASES", "cases strength { weak {} strong { gain = 2 } }"));
    let (a, b) = (one(&text), one(&text));
    assert_eq!(a.svg(), b.svg());
    assert_eq!(a.png().unwrap(), b.png().unwrap());
}

#[test]
fn names_with_signs_of_xml_are_written_as_text() {
    let text = format!("{DECAY}protocol {{ rest 1 s }}\nplot if ff.w < 2 and ff.w > 0 then 1 else 0 vs t");
    let figure = one(&text);
    assert!(figure.svg().contains("if ff.w &lt; 2 and ff.w &gt; 0"));
    figure.png().unwrap();
}

#[test]
fn cases_of_different_length_are_whole_curves() {
    let text = format!(
        "{}
param long = 1000 s
cases long in [1000, 300] s
protocol {{ phase p {{ present 1 on source for long }} }}
plot ff.w vs t split by long
",
        DECAY
    );
    let figure = one(&text);
    let c = chart(&figure, 0);
    for (curve, end) in c.curves.iter().zip([1000.0, 300.0]) {
        assert!(curve.y.iter().all(|y| y.is_finite()));
        assert!(curve.x.len() > 1000 && *curve.x.last().unwrap() == end, "{}", curve.x.len());
    }
}

#[test]
fn the_range_of_a_record_of_sparse_synapses_leaves_absent_ones_out() {
    let text = "
population a[i: 10]
population b[j: 10] { output y = drive }
synapses ff: a -> b { fixed; connect where i < 2; w = 1 + i + 10*j }
protocol { rest 3 ms }
record kept = ff.w every 1 ms
plot kept vs t
";
    let figure = one(text);
    let c = &chart(&figure, 0).curves[0];
    let (least, largest) = c.range.as_ref().unwrap();
    assert_eq!((c.y[1], least[1], largest[1]), (46.5, 1.0, 92.0));
}

#[test]
fn several_single_numbers_are_bars_with_their_names() {
    let cases = CELLS.replace("CASES", "cases strength { weak {} strong { gain = 2 } }");
    let figure = one(&format!("{cases}plot mean(out), max(out), 3"));
    let c = chart(&figure, 0);
    let names: Vec<_> = c.x.ticks.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(names, ["mean(out)", "max(out)", "3"]);
    assert_eq!(
        (&curve(c, "weak").y, &curve(c, "strong").y),
        (&vec![10.5, 20.0, 3.0], &vec![21.0, 40.0, 3.0])
    );
    assert!(c.curves.iter().all(|c| c.shape == Shape::Bars));
}

#[test]
fn a_dose_may_be_drawn_on_any_scale_of_it() {
    let text = "
param f = 1 Hz
cases drug { none {} some {} }
cases f in [1, 10, 100] Hz
population target { output y = f * 2 s }
protocol { rest 1 ms; probe out = target.y }
plot out vs log10(f/1 Hz) split by drug
";
    let figure = one(text);
    let c = chart(&figure, 0);
    assert_eq!((figure.panels.len(), c.curves.len()), (1, 2));
    let some = curve(c, "some");
    assert_eq!(some.y, [2.0, 20.0, 200.0]);
    assert!(some.x.iter().zip([0.0, 1.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{:?}", some.x);
}

#[test]
fn histograms_of_one_figure_have_common_steps() {
    let text = "
param k = 1
cases size { small {} large { k = 10 } }
population cell[i: 5] { output y = k*i }
protocol { rest 1 ms; probe out = cell.y }
plot histogram(out, 4) split by size
";
    let figure = one(text);
    let c = chart(&figure, 0);
    let (small, large) = (curve(c, "small"), curve(c, "large"));
    assert_eq!((&small.x, &small.y), (&vec![0.0, 10.0, 20.0, 30.0, 40.0], &vec![5.0, 0.0, 0.0, 0.0]));
    assert_eq!((&large.x, &large.y), (&small.x, &vec![1.0, 1.0, 1.0, 2.0]));
    let both = one(&text.replace(
        "plot histogram(out, 4) split by size",
        "plot histogram(out[small], 4), histogram(out[large], 4)",
    ));
    assert_eq!(curve(chart(&both, 0), "histogram(out[small], 4)").y, small.y);
}

#[test]
fn a_histogram_of_numbers_all_alike_stands_where_they_are() {
    let text = "
population cell[i: 5] { output y = 3 }
protocol { rest 1 ms; probe out = cell.y }
plot histogram(out, 10)
";
    let figure = one(text);
    let h = &chart(&figure, 0).curves[0];
    assert_eq!(h.y, [5.0]);
    assert!(h.x[0] < 3.0 && h.x[1] > 3.0, "{h:?}");
}

#[test]
fn a_model_is_a_line_and_data_are_signs_whatever_their_order() {
    let mut files = Files::default();
    files.insert("d.csv", "rate,lag,change,sem\n10,10,0.5,0.1\n50,10,0.9,0.2\n10,10,0.4,0.1\n");
    for plot in [
        "plot data.change +- data.sem, 2*data.rate/1 Hz vs data.rate",
        "plot 2*data.rate/1 Hz, data.change +- data.sem vs data.rate",
    ] {
        let (checked, finished) = ran(&format!("{TABLE}{plot}"), &files);
        let all = figures(&finished.reading(&checked));
        let c = chart(all[0].as_ref().unwrap(), 0);
        assert_eq!(curve(c, "data.change").shape, Shape::Points);
    }
    let text = format!("{TABLE}plot 2*data.rate/1 Hz vs data.rate");
    let (checked, finished) = ran(&text, &files);
    let all = figures(&finished.reading(&checked));
    // two values at one place are no line
    assert_eq!(chart(all[0].as_ref().unwrap(), 0).curves[0].shape, Shape::Points);
}

#[test]
fn coordinates_in_any_order_are_drawn_in_order() {
    let text = "
param f = 1 Hz
cases f in [5, 1, 20, 10] Hz
population target { output y = f * 2 s }
protocol { rest 1 ms; probe out = target.y }
plot out vs f
";
    let figure = one(text);
    let c = chart(&figure, 0);
    assert_eq!((&c.curves[0].x, &c.curves[0].y), (&vec![1.0, 5.0, 10.0, 20.0], &vec![2.0, 10.0, 20.0, 40.0]));
    assert!(c.x.lo < 1.0 && c.x.hi > 20.0, "{:?}", c.x);
}

#[test]
fn a_band_over_cells_and_seeds_has_the_extremes_of_both() {
    let text = CELLS.replace("CASES", "cases seed in 0..3").replace("w = 1 }", "w = uniform(1, 2) }");
    let (checked, finished) = ran(&text, &Files::default());
    let out = plast::hir::ProbeId(0);
    let all: Vec<f64> =
        (0..3).flat_map(|i| finished.reading(&checked).probe(i, false, out).unwrap().data.to_vec()).collect();
    let (least, largest) =
        (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(0.0, f64::max));
    for plot in ["plot rate vs t", "plot target.y vs t"] {
        let figure = one(&format!("{text}{plot}"));
        let band = chart(&figure, 0).curves[0].range.as_ref().unwrap();
        assert_eq!((band.0[1], band.1[1]), (least, largest), "{plot}");
        assert_eq!(figure.notes, ["lines: mean over cell, seed (60); bands: from the least to the largest"]);
    }
}

#[test]
fn both_axes_are_averaged_over_seeds() {
    let text = "
cases seed in 0..4
population source
population target { output y = drive }
synapses ff: source -> target { fixed; w = uniform(0, 10) }
protocol { for k in 1..4 { present k on source for 1 ms; probe across[k] = target.y; probe up[k] = 2*target.y } }
plot up vs across
";
    let figure = one(text);
    let c = &chart(&figure, 0).curves[0];
    assert_eq!(c.x.len(), 3);
    assert!(c.x.iter().zip(&c.y).all(|(x, y)| (2.0 * x - y).abs() < 1e-12 * y), "{c:?}");
}

#[test]
fn a_value_of_some_cases_stands_in_the_panels_of_these() {
    let text = "
param k = 1
param m = 1
cases size { small {} large { k = 10 } }
cases kind { one {} two { m = 2 } three { m = 3 } }
population target { output y = k*m }
protocol { rest 3 ms }
record v = target.y every 1 ms
plot v, v[size: small] vs t
";
    let figure = one(text);
    assert_eq!(figure.panels.len(), 6);
    for (i, (v, of_small)) in
        [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (10.0, 1.0), (20.0, 2.0), (30.0, 3.0)].iter().enumerate()
    {
        let c = chart(&figure, i);
        assert_eq!((c.curves[0].y[0], c.curves[1].y[0]), (*v, *of_small), "{}", figure.panels[i].title);
    }
}

#[test]
fn a_course_against_another_runs_through_time() {
    let text = "
clock 10 ms
population a { output y = sin(2*pi*t/(1 s)) }
population b { output y = cos(2*pi*t/(1 s)) }
protocol { rest 1 s }
record across = a.y every 10 ms
record up = b.y every 10 ms
plot up vs across
";
    let figure = one(text);
    let c = &chart(&figure, 0).curves[0];
    assert_eq!(c.shape, Shape::Line);
    let steps = c.x.windows(2).zip(c.y.windows(2)).map(|(x, y)| (x[1] - x[0]).hypot(y[1] - y[0]));
    assert!(steps.fold(0.0, f64::max) < 0.07, "neighbours in time are neighbours on the circle");
}

#[test]
fn without_an_axis_named_places_have_their_unit() {
    let text = "
stimulus gap[d: [5, 10, 20] ms] = 1
population target { output y = 1 }
protocol { for d of gap { rest 1 ms; probe out[d] = d/1 ms } }
plot out
";
    let figure = one(text);
    let c = chart(&figure, 0);
    assert_eq!((c.x.caption().as_str(), &c.curves[0].x), ("d (ms)", &vec![5.0, 10.0, 20.0]));
}

#[test]
fn a_histogram_counts_seeds_together_and_leaves_what_is_not_finite_out() {
    let text = "
cases seed in 0..30
population target[i: 4] { output y = i }
protocol { rest 1 ms; probe out = target.y }
plot histogram(1/out, 2)
";
    let figure = one(text);
    let h = &chart(&figure, 0).curves[0];
    assert_eq!((figure.panels.len(), &h.y), (1, &vec![60.0, 30.0]));
}

#[test]
fn extreme_numbers_are_drawn_without_a_fault() {
    for factor in ["1.7e308", "1e-310", "5e-324"] {
        let text = format!(
            "
population target[i: 3] {{ output y = (i - 1)*{factor} }}
protocol {{ rest 3 ms; probe out = target.y }}
record r = target.y every 1 ms
plot out
plot r vs t
plot out vs out
plot histogram(out, 3)
image out as [i]
"
        );
        for figure in drawn(&text) {
            let figure = figure.unwrap_or_else(|u| panic!("{u:?}"));
            let svg = figure.svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{factor}: {svg}");
            figure.png().unwrap();
            figure.terminal(&plast::report::figures::Terminal { width: 60, unicode: true, color: false });
        }
    }
}

#[test]
fn a_message_may_hold_any_sign() {
    let text = format!(
        "{DECAY}protocol {{ rest 1 s; probe end = ff.w }}\nexpect end > 0 \"\u{fffe} \u{1} <b> & \u{1f9e0}\"\nplot ff.w vs t"
    );
    one(&text).png().unwrap();
}

#[test]
fn before_any_time_has_passed_the_axis_begins_at_zero() {
    let figure =
        one(&format!("{DECAY}protocol {{ repeat 0 {{ rest 1 s }}; probe end = ff.w }}\nplot ff.w vs t"));
    let c = chart(&figure, 0);
    assert_eq!((c.x.lo, c.curves[0].x[0], c.curves[0].y[0]), (0.0, 0.0, 1.0));
}
