use super::{DECAY, one};
use plast::report::figures::{Figure, Terminal};

const PLAIN: Terminal = Terminal { width: 72, unicode: true, color: false };
const ASCII: Terminal = Terminal { width: 72, unicode: false, color: false };

fn snapshot(name: &str, figure: &Figure) {
    let text = format!("{}\n{}", figure.terminal(&PLAIN), figure.terminal(&ASCII));
    assert!(figure.terminal(&ASCII).is_ascii());
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("figure_{name}"), text);
    });
}

fn course() -> Figure {
    one(&format!(
        "{DECAY}
protocol {{
    phase first  {{ present 1 on source for 100 s; probe middle = ff.w }}
    phase second {{ present 2 on source for 100 s }}
    control without second
}}
expect middle in [0.3, 0.5]
plot target.y vs t with control
"
    ))
}

fn layer() -> Figure {
    one("
population input[row: 6, col: 8]
population cell[c: 3] { output y = drive }
synapses ff: input -> cell { fixed; w = sin(2*pi*(col + c)/8) }
protocol { rest 1 ms; probe kept = ff.w }
image kept as [row, col]
")
}

fn bars() -> Figure {
    one("
clock 1 s
param gain = 1
cases size { small {} larger { gain = 2 } negative { gain = -0.5 } }
population source
population target { output y = gain*drive }
synapses ff: source -> target { fixed; w = 1 }
protocol { phase p { present 1 on source for 4 s; probe out = target.y } }
plot out vs size
")
}

#[test]
fn a_course_in_characters() {
    snapshot("course", &course());
}

#[test]
fn a_grid_in_characters() {
    snapshot("grid", &layer());
}

#[test]
fn bars_in_characters() {
    snapshot("bars", &bars());
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [24, 40, 72, 200] {
        for figure in [course(), layer(), bars()] {
            for unicode in [true, false] {
                let text = figure.terminal(&Terminal { width, unicode, color: false });
                let widest = text.lines().map(|l| l.chars().count()).max().unwrap();
                assert!(widest <= width, "{width}: {widest}\n{text}");
            }
        }
    }
}

#[test]
fn colours_add_nothing_but_colours() {
    for figure in [course(), bars()] {
        let plain = figure.terminal(&PLAIN);
        let colored = figure.terminal(&Terminal { color: true, ..PLAIN });
        assert!(colored.contains("\x1b[38;5;"));
        assert_eq!(console::strip_ansi_codes(&colored), plain);
    }
}

#[test]
fn a_figure_as_svg() {
    insta::with_settings!({snapshot_path => "../../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("figure_bars_svg", bars().svg());
    });
}
