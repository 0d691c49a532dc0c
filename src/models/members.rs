//! Several networks as one model: how a plan counts them, and what their variables are called.

use candle_nn::VarBuilder;

/// The number of members where a plan names none.
pub(super) fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
pub(super) fn is_one(members: &usize) -> bool {
    *members == 1
}

/// Prefix of the variables of a member; a single one has none.
pub fn prefix(number: usize, members: usize) -> Option<String> {
    (members > 1).then(|| format!("member{number}"))
}

/// The variables of each member in turn.
pub(super) fn variables<'a>(vb: &VarBuilder<'a>, members: usize) -> impl Iterator<Item = VarBuilder<'a>> {
    (0..members).map(move |number| prefix(number, members).map_or_else(|| vb.clone(), |name| vb.pp(name)))
}
