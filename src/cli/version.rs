//! `coxa --version`: the release, the commit, what it was built with, and the networks it carries.

use crate::models::catalogue;
use std::fmt::Write;
use std::sync::OnceLock;

/// Characters of a SHA-256 that tell weights apart at a glance.
const DIGEST: usize = 12;

/// Several lines; the first is as every program's.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let features = match env!("COXA_FEATURES") {
            "" => "none",
            features => features,
        };
        let mut text = format!(
            "{}\ncommit:   {}\nfeatures: {features}\nweights: ",
            env!("CARGO_PKG_VERSION"),
            env!("COXA_COMMIT")
        );
        for card in catalogue() {
            let digest: String = card.sha256().chars().take(DIGEST).collect();
            let _ = write!(text, " {} {} (sha256 {digest}…)", card.id(), card.version());
        }
        text
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_names_release_commit_features_and_weights() {
        let text = super::text();
        assert!(text.starts_with(env!("CARGO_PKG_VERSION")), "{text}");
        for wanted in ["commit: ", "features: none", "weights:  infant-whdv "] {
            assert!(text.contains(wanted) || cfg!(feature = "cuda"), "{wanted} in {text}");
        }
    }
}
