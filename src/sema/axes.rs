//! The axis table: one axis per name, size and coordinates, shared by all cases.

use crate::hir::{Axes, Axis, AxisId, Coordinates};
use crate::source::IndexVec;
use std::collections::{HashMap, HashSet};

/// Which side of a projection an axis belongs to, where both sides have one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AxisSide {
    Pre,
    Post,
}

/// All axes so far.
#[derive(Debug, Clone, Default)]
pub(super) struct AxisTable {
    axes: IndexVec<AxisId, Axis>,
    origins: Vec<Option<(AxisSide, AxisId)>>,
    /// Axes of slices, which no name means.
    slices: HashSet<AxisId>,
    times: HashMap<String, AxisId>,
}

impl AxisTable {
    /// The axis with this name, size and coordinates, as an item declares it.
    pub fn intern(&mut self, axis: Axis) -> AxisId {
        let id = self.find_or_push(axis);
        self.slices.remove(&id);
        id
    }

    fn find_or_push(&mut self, axis: Axis) -> AxisId {
        if axis.coordinates != Coordinates::Time
            && let Some((id, _)) = self.axes.iter_enumerated().find(|(_, a)| **a == axis)
        {
            return id;
        }
        self.push(axis, None)
    }

    /// The axis of a slice of another.
    pub fn slice(&mut self, axis: Axis) -> AxisId {
        let known = self.axes.len();
        let id = self.find_or_push(axis);
        if self.axes.len() > known {
            self.slices.insert(id);
        }
        id
    }

    /// The declared axes of this name.
    pub fn named(&self, name: &str) -> Vec<AxisId> {
        let is = |(id, a): &(AxisId, &Axis)| a.name == name && !self.slices.contains(id);
        self.axes.iter_enumerated().filter(is).map(|(id, _)| id).collect()
    }

    /// The time axis of samples taken in one way; records sampled alike share it and can be combined.
    pub fn time_axis(&mut self, key: String) -> AxisId {
        if let Some(id) = self.times.get(&key) {
            return *id;
        }
        let id = self.push(Axis { name: "t".into(), size: None, coordinates: Coordinates::Time }, None);
        self.times.insert(key, id);
        id
    }

    fn push(&mut self, axis: Axis, origin: Option<(AxisSide, AxisId)>) -> AxisId {
        self.origins.push(origin);
        self.axes.push(axis)
    }

    /// `post.cell` or `pre.cell` of an axis `cell`.
    pub fn sided(&mut self, side: AxisSide, of: AxisId) -> AxisId {
        if let Some(i) = self.origins.iter().position(|o| *o == Some((side, of))) {
            return AxisId(i as u32);
        }
        let prefix = if side == AxisSide::Pre { "pre" } else { "post" };
        let axis = Axis { name: format!("{prefix}.{}", self.axes[of].name), ..self.axes[of].clone() };
        self.push(axis, Some((side, of)))
    }

    /// The axis itself.
    pub fn get(&self, id: AxisId) -> &Axis {
        &self.axes[id]
    }

    /// Its name.
    pub fn name(&self, id: AxisId) -> &str {
        &self.axes[id].name
    }

    /// The name without `pre.` or `post.`.
    pub fn base_name(&self, id: AxisId) -> &str {
        let name = self.name(id);
        name.strip_prefix("pre.").or(name.strip_prefix("post.")).unwrap_or(name)
    }

    /// The population's axis that `post.cell` or `pre.cell` was made from.
    pub fn origin(&self, id: AxisId) -> Option<(AxisSide, AxisId)> {
        self.origins[id.0 as usize]
    }

    /// Its size; 0 for a time axis.
    pub fn size(&self, id: AxisId) -> usize {
        self.axes[id].size.unwrap_or(0)
    }

    /// How many elements an array on these axes has; `None` if that is beyond counting.
    pub fn count(&self, axes: &[AxisId]) -> Option<usize> {
        axes.iter().try_fold(1usize, |n, a| n.checked_mul(self.size(*a)))
    }

    /// `[region: 2, cell: 10]`, for messages.
    pub fn describe(&self, axes: &[AxisId]) -> String {
        let parts: Vec<String> = axes
            .iter()
            .map(|a| match self.axes[*a].size {
                Some(n) => format!("{}: {n}", self.name(*a)),
                None => self.name(*a).to_owned(),
            })
            .collect();
        // In the check of a rule's definition each side is one axis of unknown size.
        match axes.iter().map(|a| self.name(*a)).collect::<Vec<_>>().as_slice() {
            [] => "a single value".into(),
            ["pre"] => "one value per presynaptic cell".into(),
            ["post"] => "one value per postsynaptic cell".into(),
            ["post", "pre"] | ["pre", "post"] => "one value per synapse".into(),
            _ => format!("[{}]", parts.join(", ")),
        }
    }

    /// The same for one axis with the ends of its coordinates: `[rate: 1 Hz to 10 Hz]`, `[k: places 0 to 3]`.
    pub fn describe_places(&self, id: AxisId) -> String {
        let name = self.name(id);
        match &self.axes[id].coordinates {
            Coordinates::Values { values, unit, .. } => {
                let show = |v: f64| crate::units::format_value(v, unit, 6);
                match values.as_ref() {
                    values @ [first, .., last] if values.len() > 4 => {
                        format!("[{name}: {} from {} to {}]", values.len(), show(*first), show(*last))
                    }
                    values => {
                        let all: Vec<String> = values.iter().map(|v| show(*v)).collect();
                        format!("[{name}: {}]", all.join(", "))
                    }
                }
            }
            Coordinates::Index => format!("[{name}: places 0 to {}]", self.size(id).saturating_sub(1)),
            Coordinates::Labels(labels) => format!("[{name}: {}]", labels.join(", ")),
            Coordinates::Time => self.describe(&[id]),
        }
    }

    /// Both of two different axes: by their sizes or, where these are equal, by their coordinates.
    pub fn describe_two(&self, a: AxisId, b: AxisId) -> (String, String) {
        match (self.describe(&[a]), self.describe(&[b])) {
            (x, y) if x == y => (self.describe_places(a), self.describe_places(b)),
            both => both,
        }
    }

    /// Whether it stands for one side of a projection in the check of a rule's definition.
    pub fn is_side(&self, id: AxisId) -> bool {
        matches!(self.name(id), "pre" | "post")
    }

    /// `cell`, `row and col`.
    pub fn names(&self, axes: &[AxisId]) -> String {
        let names: Vec<String> = axes.iter().map(|a| format!("`{}`", self.name(*a))).collect();
        match names.as_slice() {
            [] => "no axis".into(),
            [one] => one.clone(),
            [init @ .., last] => format!("{} and {last}", init.join(", ")),
        }
    }

    /// The union of two axis lists, left first; an error names two different axes that share a name.
    pub fn union(&self, left: &[AxisId], right: &[AxisId]) -> Result<Axes, (AxisId, AxisId)> {
        let mut out = left.to_vec();
        for &r in right {
            if out.contains(&r) {
                continue;
            }
            let clash = left.iter().find(|&&l| {
                let both_sided = self.origin(l).is_some() && self.origin(r).is_some();
                self.base_name(l) == self.base_name(r) && !both_sided || self.name(l) == self.name(r)
            });
            if let Some(&l) = clash {
                return Err((l, r));
            }
            out.push(r);
        }
        Ok(out)
    }

    /// The whole table.
    pub fn table(&self) -> &IndexVec<AxisId, Axis> {
        &self.axes
    }
}
