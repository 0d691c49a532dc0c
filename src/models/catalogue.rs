//! The models that travel inside the binary.

use super::plan::Plan;
use std::borrow::Cow;
use std::sync::OnceLock;

/// A model: its plan (which is also its card) and its weights.
#[derive(Debug, Clone)]
pub struct ModelCard {
    pub plan: Plan,
    /// Safetensors; shipped ones are of 16-bit floats.
    pub bytes: Cow<'static, [u8]>,
}

impl ModelCard {
    pub fn id(&self) -> &str {
        &self.plan.id
    }

    pub fn version(&self) -> &str {
        &self.plan.version
    }

    pub fn title(&self) -> &str {
        &self.plan.title
    }

    /// SPDX expression for the weights.
    pub fn licence(&self) -> &str {
        &self.plan.licence
    }

    /// SHA-256 of the weights, hex.
    pub fn sha256(&self) -> &str {
        &self.plan.sha256
    }
}

/// Plan and weights of every shipped model, the default first.
const SHIPPED: &[(&str, &[u8])] = &[(
    include_str!("../../weights/infant-whdv.toml"),
    include_bytes!("../../weights/infant-whdv.safetensors"),
)];

/// The shipped models, the default first.
pub fn catalogue() -> &'static [ModelCard] {
    static CARDS: OnceLock<Vec<ModelCard>> = OnceLock::new();
    CARDS.get_or_init(|| {
        SHIPPED
            .iter()
            .filter_map(|(plan, bytes)| match Plan::parse(plan) {
                Ok(plan) => Some(ModelCard { plan, bytes: Cow::Borrowed(*bytes) }),
                Err(reason) => {
                    log::error!("a shipped model's plan cannot be read: {reason}");
                    None
                }
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn every_shipped_plan_reads_and_names_its_weights() {
        assert_eq!(catalogue().len(), SHIPPED.len());
        for card in catalogue() {
            let digest: String = Sha256::digest(&card.bytes).iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(digest, card.sha256(), "{}", card.id());
            assert!(!card.licence().is_empty() && !card.plan.accuracy.is_empty(), "{}", card.id());
            assert!(!card.plan.command.is_empty(), "{}", card.id());
        }
    }
}
