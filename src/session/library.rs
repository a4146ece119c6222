/// The text of the shipped rule that `use rules.NAME` names.
pub fn library(name: &str) -> Option<&'static str> {
    RULES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}

macro_rules! rules {
    ($($name:literal)*) => {
        /// The shipped rules: name and text.
        pub const RULES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../protocols/rules/", $name, ".plast")))),*];
    };
}

rules! {
    "abs_rule"
    "bcm"
    "clopath"
    "covariance"
    "graupner"
    "hebb"
    "hebb_decay"
    "hebb_scaling"
    "law_cooper"
    "oja"
    "rstdp"
    "sanger"
    "scaling"
    "scaling_spikes"
    "shouval"
    "stdp"
    "stdp_morrison"
    "stdp_multiplicative"
    "stdp_van_rossum"
    "tagtric"
    "triplet"
    "tsodyks_markram"
    "tsodyks_markram_release_first"
    "vogels_istdp"
    "zenke"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_shipped_rule_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/protocols/rules");
        let mut there: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "plast"))
            .map(|p| p.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        there.sort();
        assert_eq!(RULES.iter().map(|(n, _)| *n).collect::<Vec<_>>(), there);
    }

    #[test]
    fn only_shipped_rules_are_found() {
        assert_eq!(library("no_such_rule"), None);
    }
}
