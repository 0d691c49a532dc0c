//! Who computes the greys: the graphics card where the window has a real one, the processor where that plays the card too.

use super::Gpu;
use crate::library::Greys;
use eframe::glow::{self, HasContext};
use std::sync::Arc;

/// Parts of the names of renderers that are the processor itself.
const SOFTWARE: [&str; 6] =
    ["llvmpipe", "softpipe", "swiftshader", "software", "gdi generic", "basic render"];

/// The window's renderer.
#[derive(Default)]
pub struct Card {
    gl: Option<Arc<glow::Context>>,
    /// As it names itself; empty without a window.
    name: String,
    /// The program on it, once it was wanted; `None` in it where that failed.
    gpu: Option<Option<Arc<Gpu>>>,
}

impl Card {
    /// Asks a context that is current.
    pub fn new(gl: Option<Arc<glow::Context>>) -> Self {
        // SAFETY: asks a current context.
        let name = gl.as_ref().map(|gl| unsafe { gl.get_parameter_string(glow::RENDERER) });
        Self { gl, name: name.unwrap_or_default(), gpu: None }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What draws films where `wanted` is what was settled; `None` for the processor.
    pub fn choose(&mut self, wanted: Greys) -> Option<Arc<Gpu>> {
        let gl = self.gl.as_ref()?;
        let on_card = match wanted {
            Greys::Auto => is_hardware(&self.name),
            Greys::Gpu => true,
            Greys::Cpu => false,
        };
        if !on_card {
            return None;
        }
        let name = &self.name;
        let build = || match Gpu::new(Arc::clone(gl)) {
            Ok(gpu) => Some(Arc::new(gpu)),
            Err(reason) => {
                log::error!("greys are computed by the processor, not by {name}: {reason}");
                None
            }
        };
        self.gpu.get_or_insert_with(build).clone()
    }
}

/// Whether a renderer of that name is more than the processor.
fn is_hardware(name: &str) -> bool {
    let name = name.to_lowercase();
    !name.is_empty() && !SOFTWARE.iter().any(|software| name.contains(software))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renderers_are_known_by_their_names() {
        for name in [
            "llvmpipe (LLVM 19.1.7, 256 bits)",
            "softpipe",
            "Google SwiftShader",
            "Apple Software Renderer",
            "GDI Generic",
            "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11)",
            "",
        ] {
            assert!(!is_hardware(name), "{name}");
        }
        for name in [
            "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
            "NVIDIA GeForce RTX 4070/PCIe/SSE2",
            "AMD Radeon Pro 5500M OpenGL Engine",
            "Apple M2",
            "V3D 7.1.7",
        ] {
            assert!(is_hardware(name), "{name}");
        }
        assert!(Card::default().choose(Greys::Gpu).is_none(), "without a window there is no card");
    }
}
