//! Bone surfaces from PLY files.

use super::mesh::{Mesh, V3};
use ply_rs_bw::parser::Parser;
use ply_rs_bw::ply::{DefaultElement, Property};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The closed surface in the file at `path`.
///
/// # Errors
/// In words: a file that cannot be read, is no PLY of triangles, or is not closed well enough to be looked through.
pub fn read(path: &Path) -> Result<Mesh, String> {
    let file = File::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    let ply = Parser::<DefaultElement>::new()
        .read_ply(&mut BufReader::new(file))
        .map_err(|e| format!("not a PLY file: {e}"))?;
    let part = |name: &str| ply.payload.get(name).ok_or_else(|| format!("has no element {name:?}"));
    let vertices = part("vertex")?.iter().map(vertex).collect::<Option<Vec<V3>>>();
    let vertices = vertices.ok_or("a vertex has no x, y and z, or one is not finite")?;
    let faces = part("face")?.iter().map(|face| triangle(face, vertices.len())).collect::<Option<Vec<_>>>();
    let faces = faces.ok_or("a face is no triangle of three of the vertices")?;
    let mesh = Mesh { vertices, faces };
    if mesh.faces.is_empty() || mesh.volume() <= 0.0 {
        return Err("the surface is empty or inside out".to_owned());
    }
    Ok(mesh)
}

fn vertex(element: &DefaultElement) -> Option<V3> {
    let coordinate = |name: &str| match element.get(name)? {
        Property::Float(value) => Some(f64::from(*value)),
        Property::Double(value) => Some(*value),
        _ => None,
    };
    let vertex = V3::new(coordinate("x")?, coordinate("y")?, coordinate("z")?);
    vertex.iter().all(|value| value.is_finite()).then_some(vertex)
}

fn triangle(element: &DefaultElement, vertices: usize) -> Option<[u32; 3]> {
    let list = element.get("vertex_indices").or_else(|| element.get("vertex_index"))?;
    let corners: Vec<u32> = match list {
        Property::ListInt(list) => list.iter().map(|i| u32::try_from(*i)).collect::<Result<_, _>>().ok()?,
        Property::ListUInt(list) => list.clone(),
        _ => return None,
    };
    let corners: [u32; 3] = corners.try_into().ok()?;
    corners.iter().all(|i| (*i as usize) < vertices).then_some(corners)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bone.ply");
        std::fs::write(&path, body).unwrap();
        read(&path).unwrap_err()
    }

    const HEADER: &str = "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\n\
        property float z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n\
        0 0 0\n1 0 0\n0 1 0\n0 0 1\n";

    #[test]
    fn a_tetrahedron_is_read_and_damage_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bone.ply");
        std::fs::write(&path, format!("{HEADER}3 0 2 1\n3 0 1 3\n3 0 3 2\n3 1 2 3\n")).unwrap();
        let mesh = read(&path).unwrap();
        assert!((mesh.volume() - 1.0 / 6.0).abs() < 1e-9);
        assert!(refusal(&format!("{HEADER}3 0 1 2\n3 0 3 1\n3 0 2 3\n3 1 3 2\n")).contains("inside out"));
        assert!(refusal(&format!("{HEADER}3 0 2 9\n3 0 1 3\n3 0 3 2\n3 1 2 3\n")).contains("no triangle"));
        assert!(refusal("solid stl").contains("not a PLY"));
    }
}
