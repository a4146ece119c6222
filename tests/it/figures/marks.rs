use super::{DECAY, chart, one};

fn marked(protocol: &str, rest: &str) -> plast::report::figures::Figure {
    one(&format!("{DECAY}protocol {{\n{protocol}\n}}\n{rest}"))
}

const TWO: &str = "
    phase first  { present 1 on source for 10 s; probe middle = ff.w }
    phase second { present 1 on source for 10 s; probe end = ff.w }";

#[test]
fn what_is_expected_of_a_probe_is_marked_when_it_was_read() {
    let figure =
        marked(TWO, "expect middle in [0.8, 0.95] \"in between\"\nexpect end == 0.5 +- 10 %\nplot ff.w vs t");
    let marks = &chart(&figure, 0).marks;
    assert_eq!(marks.len(), 2);
    assert_eq!(
        (marks[0].text.as_str(), marks[0].x, marks[0].y, marks[0].held),
        ("in between", (10.0, 10.0), (0.8, 0.95), Some(true))
    );
    assert_eq!(marks[1].text, "end == 0.5 +- 10 %");
    assert_eq!((marks[1].x, marks[1].held), ((20.0, 20.0), Some(false)));
    assert!((marks[1].y.0 - 0.45).abs() < 1e-12 && (marks[1].y.1 - 0.55).abs() < 1e-12);
}

#[test]
fn what_is_expected_of_a_record_is_marked_where_it_is_read() {
    let rest =
        "record kept = ff.w every 1 s\nexpect max(kept[15 s ..]) < 0.9\nexpect kept > 0.5\nplot kept vs t";
    let figure = marked(TWO, rest);
    let marks = &chart(&figure, 0).marks;
    let inf = f64::INFINITY;
    assert_eq!(
        marks.iter().map(|m| (m.x, m.y)).collect::<Vec<_>>(),
        [((15.0, inf), (-inf, 0.9)), ((-inf, inf), (0.5, inf))]
    );
}

#[test]
fn a_ratio_is_marked_where_its_moving_part_was_read() {
    let rest = "expect end / middle in [0.9, 0.91]\nplot ff.w / middle vs t";
    let figure = marked(TWO, rest);
    let marks = &chart(&figure, 0).marks;
    assert_eq!(marks.iter().map(|m| (m.x, m.y)).collect::<Vec<_>>(), [((20.0, 20.0), (0.9, 0.91))]);
}

#[test]
fn what_is_expected_of_something_else_is_not_marked() {
    let rest = "expect 1 - end < 0.5\nexpect target.y > 0\nplot ff.w vs t";
    assert_eq!(chart(&marked(TWO, rest), 0).marks, []);
}

#[test]
fn expectations_of_one_case_stand_in_its_panel_or_at_its_curve() {
    let cases = "param k = 1\ncases size { small {} large { k = 3 } }\n";
    let rest = |split: &str| {
        format!(
            "{cases}record kept = k*ff.w every 1 s\nexpect last(kept)[large] > 1\nexpect last(kept) < k\nplot kept vs t {split}"
        )
    };
    let panels = marked(TWO, &rest(""));
    let texts = |i: usize| chart(&panels, i).marks.iter().map(|m| (m.text.clone(), m.y)).collect::<Vec<_>>();
    let inf = f64::INFINITY;
    assert_eq!(texts(0), [("last(kept) < k".to_string(), (-inf, 1.0))]);
    assert_eq!(
        texts(1),
        [("last(kept)[large] > 1".to_string(), (1.0, inf)), ("last(kept) < k".to_string(), (-inf, 3.0))]
    );
    let curves = marked(TWO, &rest("split by size"));
    let colors: Vec<_> = chart(&curves, 0).marks.iter().map(|m| (m.color, m.y)).collect();
    assert_eq!(
        colors,
        [(Some((1, 2)), (1.0, inf)), (Some((0, 2)), (-inf, 1.0)), (Some((1, 2)), (-inf, 3.0))]
    );
}

#[test]
fn places_are_marked_on_the_axis_in_its_unit() {
    let figure = marked(TWO, "let half = 10 s\nplot ff.w vs t mark half, 15 s");
    let inf = f64::INFINITY;
    let marks = &chart(&figure, 0).marks;
    assert_eq!(
        marks.iter().map(|m| (m.text.as_str(), m.x, m.y, m.held)).collect::<Vec<_>>(),
        [("half", (10.0, 10.0), (-inf, inf), None), ("15 s", (15.0, 15.0), (-inf, inf), None),]
    );
    let text = "
population target[rate: 0 Hz .. 3 Hz by 1 Hz] { output y = rate }
param top = 1 Hz
cases top in [1, 2] Hz
protocol { rest 1 ms; probe out = target.y }
plot out vs rate split by top mark top
";
    let figure = one(text);
    let marks = &chart(&figure, 0).marks;
    assert_eq!(
        marks.iter().map(|m| (m.x.0, m.color)).collect::<Vec<_>>(),
        [(1.0, Some((0, 2))), (2.0, Some((1, 2)))]
    );
}

#[test]
fn the_last_sample_is_marked_at_the_end() {
    let rest = "record kept = ff.w every 1 s\nexpect last(kept) in [0.8, 0.9]\nplot kept vs t";
    let figure = marked(TWO, rest);
    let marks = &chart(&figure, 0).marks;
    assert_eq!(marks.iter().map(|m| (m.x, m.y)).collect::<Vec<_>>(), [((20.0, 20.0), (0.8, 0.9))]);
}

#[test]
fn what_is_expected_of_one_place_is_marked_there_and_a_mean_of_places_nowhere() {
    let text = "
param f = 1 Hz
cases f in [1, 10, 100] Hz
population target { output y = f * 2 s }
protocol { rest 1 ms; probe out = target.y }
expect out[f: 10 Hz] > 15
expect mean(out over f) > 1
plot out vs f
";
    let figure = one(text);
    let marks: Vec<_> = chart(&figure, 0).marks.iter().map(|m| (m.x, m.y.0)).collect();
    assert_eq!(marks, [((10.0, 10.0), 15.0)]);
}

#[test]
fn a_mark_has_the_unit_of_its_axis() {
    let text = "
population cell { state small = 2 mV; state big = 0.05 V; 1 s*dsmall/dt = 0 mV; 1 s*dbig/dt = 0 V; output y = 1 }
protocol { rest 10 ms }
record small = cell.small every 1 ms
record big = cell.big every 1 ms
expect last(big) > 0.03 V
plot small, big vs t
";
    let figure = one(text);
    let marks = &chart(&figure, 0).marks;
    assert_eq!(marks.len(), 1);
    assert!((marks[0].y.0 - 30.0).abs() < 1e-9, "{marks:?}");
}

#[test]
fn one_reading_among_several_and_another_quantity_are_not_marked() {
    let text = "
population cell[i: 3] { state v = 1; 1 s*dv/dt = -v; output y = v*(1 + i) }
protocol { for n in 0..3 { rest 1 s; probe read[n] = max(cell.y) } }
record most = max(cell.y) every 100 ms
record all = cell.y every 100 ms
expect read[n: 0] > 0.1
expect mean(all[i: 2] over t) > 0
expect all[i: 1] < 10
plot most vs t
";
    assert_eq!(chart(&one(text), 0).marks, []);
}

#[test]
fn the_first_sample_of_a_phase_is_marked_where_it_was_taken() {
    let rest = "record kept = ff.w every 1 s during second\nexpect first(kept) > 0.5\nplot kept vs t mark 12 s, 100 s";
    let figure = marked(TWO, rest);
    let marks = &chart(&figure, 0).marks;
    // and nothing beyond the axis
    assert_eq!(marks.iter().map(|m| m.x).collect::<Vec<_>>(), [(12.0, 12.0), (10.0, 10.0)]);
}
