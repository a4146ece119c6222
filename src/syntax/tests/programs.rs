use super::read;

pub(super) const PROGRAMS: &[(&str, &str, usize)] = &[
    ("1_settle", include_str!("../../../tests/data/programs/1_settle.plast"), 17),
    ("2_orientation", include_str!("../../../tests/data/programs/2_orientation.plast"), 19),
    ("3_one_second", include_str!("../../../tests/data/programs/3_one_second.plast"), 20),
    ("4_phi", include_str!("../../../tests/data/programs/4_phi.plast"), 10),
    ("5_spring", include_str!("../../../tests/data/programs/5_spring.plast"), 12),
    ("6_pairing", include_str!("../../../tests/data/programs/6_pairing.plast"), 9),
    ("7_digits", include_str!("../../../tests/data/programs/7_digits.plast"), 16),
    ("8_feedback", include_str!("../../../tests/data/programs/8_feedback.plast"), 18),
    ("9_competition", include_str!("../../../tests/data/programs/9_competition.plast"), 15),
];

#[test]
fn the_programs_are_read() {
    for (name, text, items) in PROGRAMS {
        let (file, found, _) = read(text);
        assert!(found.is_empty(), "{name}: {found:#?}");
        assert_eq!(file.items.len(), *items, "{name}");
        insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "../../../tests/snapshots/syntax", omit_expression => true}, {
            insta::assert_snapshot!(format!("tree_{name}"), crate::syntax::text(&file));
        });
    }
}

#[test]
fn spans_of_the_programs_nest() {
    for (name, text, _) in PROGRAMS {
        let (file, _, _) = read(text);
        super::properties::check_spans(&file, text).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn every_prefix_of_a_program_is_survived() {
    let text = PROGRAMS[7 - 1].1;
    for end in (0..text.len()).step_by(37).filter(|e| text.is_char_boundary(*e)) {
        read(&text[..end]);
    }
}
