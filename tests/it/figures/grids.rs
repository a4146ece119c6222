use super::{drawn, grid, one};

const LAYER: &str = "
population input[row: 2, col: 3]
population cell[c: 2] { output y = drive }
synapses ff: input -> cell { fixed; w = 100*c + 10*row + col }
protocol { rest 1 ms; probe kept = ff.w }
";

#[test]
fn rows_and_columns_stand_as_they_are_named() {
    let figure = one(&format!("{LAYER}image kept as [row, col]"));
    assert_eq!(figure.panels.iter().map(|p| p.title.as_str()).collect::<Vec<_>>(), ["c: 0", "c: 1"]);
    let g = grid(&figure, 1);
    assert_eq!((g.rows, g.columns, g.row.as_str(), g.column.as_str()), (2, 3, "row", "col"));
    assert_eq!(g.values, [100.0, 101.0, 102.0, 110.0, 111.0, 112.0]);
    // one scale for all panels
    assert_eq!((g.scale.lo, g.scale.hi), (0.0, 112.0));
    let turned = one(&format!("{LAYER}image kept as [col, row]"));
    let g = grid(&turned, 0);
    assert_eq!((g.rows, g.columns), (3, 2));
    assert_eq!(g.values, [0.0, 10.0, 1.0, 11.0, 2.0, 12.0]);
}

#[test]
fn other_axes_are_panels_whatever_their_order() {
    let figure = one(&format!("{LAYER}image kept as [c, col]"));
    let g = grid(&figure, 1);
    assert_eq!(figure.panels[1].title, "row: 1");
    assert_eq!(g.values, [10.0, 11.0, 12.0, 110.0, 111.0, 112.0]);
}

#[test]
fn zero_is_in_the_middle_of_a_signed_scale() {
    let figure = one(&format!("{LAYER}image kept - 50 as [row, col]"));
    let g = grid(&figure, 0);
    assert!(g.signed && g.scale.lo == -g.scale.hi && g.scale.hi == 62.0, "{:?}", g.scale);
}

#[test]
fn absent_synapses_have_no_colour() {
    let text = LAYER.replace("fixed;", "fixed; connect where col != 1;");
    let figure = one(&format!("{text}image kept as [row, col]"));
    let g = grid(&figure, 0);
    assert!(g.values[1].is_nan() && g.values[4].is_nan() && g.values[3] == 10.0, "{:?}", g.values);
    figure.png().unwrap();
}

#[test]
fn a_large_image_is_a_picture_of_its_means() {
    let text = "
population a[i: 300]
population b[j: 300] { output y = drive }
synapses ff: a -> b { fixed; w = i + j }
protocol { rest 1 ms; probe kept = ff.w }
image kept as [j, i]
";
    let figure = one(text);
    let svg = figure.svg();
    assert!(svg.contains("data:image/png;base64,") && svg.len() < 500_000, "{}", svg.len());
    figure.png().unwrap();
}

#[test]
fn more_panels_than_fit_are_left_out_and_said() {
    let text = LAYER.replace("c: 2", "c: 30");
    let figure = one(&format!("{text}image kept as [row, col]"));
    assert_eq!(
        (figure.panels.len(), figure.notes.as_slice()),
        (24, &["24 of 30 panels are drawn".to_string()][..])
    );
}

#[test]
fn what_was_never_read_is_not_drawn() {
    let text = LAYER.replace("probe kept = ff.w", "repeat 0 { probe each kept = ff.w }");
    let undrawn = drawn(&format!("{text}plot kept vs trial")).remove(0).unwrap_err();
    assert_eq!(undrawn.reason, "`kept` was never read");
}
