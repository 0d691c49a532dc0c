//! Checkpoints as PyTorch writes them (`tests/oracle/checkpoints.py` made the files), and as nobody should.

use candle_core::{DType, Device, Tensor, Var};
use coxa::models::bench::formula::{formula, values as by_formula};
use coxa::models::checkpoint::{Checkpoint, Fault};
use coxa::models::resnet::{Depth, ResNet};
use coxa::models::unet::Unet;
use coxa::models::unet_plus_plus::UnetPlusPlus;
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/checkpoints").join(name)
}

fn values(tensor: &Tensor) -> Vec<f64> {
    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

fn ramp(scale: f64, shift: f64) -> Vec<f64> {
    (0..24).map(|i| f64::from(i) * scale + shift).collect()
}

#[test]
fn every_kind_of_tensor_reads_back() {
    for name in ["kinds.pth", "kinds_stream.pth", "protocol_4.pth"] {
        let checkpoint = Checkpoint::read(&file(name)).unwrap();
        let tensors = checkpoint.tensors();
        assert_eq!(tensors.len(), 17, "{name}: {:?}", tensors.keys());
        let of = |key: &str| values(&tensors[key]);
        for (key, dtype, scale, shift) in [
            ("f64", DType::F64, 1.0 / 7.0, 0.0),
            ("f32", DType::F32, 1.0, 0.0),
            ("f16", DType::F16, 0.125, 0.0),
            ("bf16", DType::BF16, 0.125, 0.0),
            ("i64", DType::I64, 1.0, -5.0),
            ("i32", DType::I32, 1.0, -5.0),
            ("i16", DType::I16, 1.0, -5.0),
            ("i8", DType::I16, 1.0, -5.0),
            ("u8", DType::U8, 1.0, 0.0),
            ("parameter", DType::F32, 1.0, 0.5),
        ] {
            assert_eq!(
                (tensors[key].dtype(), tensors[key].dims()),
                (dtype, [4, 6].as_slice()),
                "{name} {key}"
            );
            let worst =
                of(key).iter().zip(ramp(scale, shift)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-12, "{name} {key} {worst}");
        }
        assert_eq!(of("bool").iter().sum::<f64>(), 16.0);
        assert_eq!(tensors["transposed"].dims(), [6, 4]);
        assert_eq!(of("transposed")[..5], [0.0, 6.0, 12.0, 18.0, 1.0]);
        assert_eq!(tensors["window"].dims(), [3, 3]);
        assert_eq!(of("window"), [7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0, 21.0, 23.0]);
        assert_eq!((tensors["number"].rank(), of("number")), (0, vec![7.0]));
        assert_eq!(tensors["empty"].dims(), [0, 3]);
        assert_eq!(tensors["same"].id(), tensors["f32"].id(), "one parameter under two names");
        let metadata = checkpoint.metadata();
        assert_eq!((&metadata["epoch"], &metadata["best"]), (&3.into(), &0.25.into()));
        assert_eq!((&metadata["count"], &metadata["shape"]), (&(-4).into(), &serde_json::json!([4, 6])));
        assert_eq!(metadata["optimizer"]["param_groups"][0]["lr"], 0.01);
    }
}

#[test]
fn what_does_not_fit_is_listed() {
    let checkpoint = Checkpoint::read(&file("kinds.pth")).unwrap();
    let ask = |names: &[(&'static str, usize, usize)]| {
        let names = names.to_vec();
        checkpoint.load(&Device::Cpu, move |vb| {
            names.iter().map(|(n, r, c)| vb.get((*r, *c), n)).collect::<Result<Vec<_>, _>>()
        })
    };
    let (tensors, report) = ask(&[("f16", 4, 6), ("f32", 6, 4), ("nothing", 1, 2), ("same", 4, 6)]).unwrap();
    assert_eq!(tensors[0].dtype(), DType::F32, "networks are of 32-bit floats");
    assert_eq!(report.missing, ["nothing"]);
    assert_eq!(report.shape_mismatch.len(), 1);
    assert!(!report.unexpected.iter().any(|name| name.contains("tracked") || name == "f32"), "{report}");
    assert!(report.unexpected.iter().any(|name| name == "window"));
    let text = report.to_string();
    assert!(text.contains("missing: 1 (nothing)") && text.contains("f32 is [4, 6] and not [6, 4]"), "{text}");
    assert!(!report.is_complete());
    let strict = checkpoint.load_complete(&Device::Cpu, |vb| vb.get((1, 2), "nothing"));
    assert!(matches!(strict.unwrap_err().fault, Fault::Misfit(_)));
}

#[test]
fn variables_are_filled_by_name() {
    let checkpoint = Checkpoint::read(&file("kinds.pth")).unwrap();
    let var = |rows: usize| Var::zeros((rows, 6), DType::F32, &Device::Cpu).unwrap();
    let vars =
        HashMap::from([("f64".to_owned(), var(4)), ("f16".to_owned(), var(3)), ("new".to_owned(), var(1))]);
    let report = checkpoint.fill(&vars).unwrap();
    assert!((values(&vars["f64"])[7] - 1.0).abs() < 1e-6);
    assert_eq!(values(&vars["new"]), [0.0; 6]);
    assert_eq!((report.missing, report.shape_mismatch.len()), (vec!["new".to_owned()], 1));
}

#[test]
fn safetensors_read_with_their_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.bin");
    let header =
        br#"{"__metadata__":{"format":"pt"},"enc.w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.extend([1.0_f32.to_le_bytes(), 2.0_f32.to_le_bytes()].concat());
    std::fs::write(&path, &bytes).unwrap();
    let checkpoint = Checkpoint::read(&path).unwrap();
    assert_eq!(values(&checkpoint.below("enc").tensors()["w"]), [1.0, 2.0]);
    assert_eq!(checkpoint.metadata()["format"], "pt");
    for length in 0..bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(Checkpoint::read(&path).is_err(), "{length} bytes");
    }
    bytes[..8].copy_from_slice(&(u64::MAX / 2).to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    assert!(Checkpoint::read(&path).is_err());
}

#[test]
fn whole_modules_are_refused_by_name() {
    let error = Checkpoint::read(&file("whole_module.pth")).unwrap_err().to_string();
    assert!(
        error.contains("torch.nn.modules.linear.Linear") && error.contains("whole_module.pth"),
        "{error}"
    );
}

#[test]
fn compressed_storages_are_refused() {
    assert!(matches!(Checkpoint::read(&file("deflated.pth")).unwrap_err().fault, Fault::Unsupported(_)));
}

/// An archive like torch's of one tensor `w` of 6 floats, with another pickle or other numbers.
fn archive(pickle: &[u8], numbers: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut zip = zip::ZipWriter::new(file.as_file_mut());
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in [("a/data.pkl", pickle), ("a/data/0", numbers)] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    file
}

/// A state dict `{'w': tensor}`: a storage of `length` floats, seen from `offset` with two sizes and strides.
fn pickle(length: i32, offset: i32, sizes: [i32; 2], strides: [i32; 2]) -> Vec<u8> {
    let int = |value: i32| [b"J".as_slice(), &value.to_le_bytes()].concat();
    let pair = |pair: [i32; 2]| [int(pair[0]), int(pair[1]), b"\x86".to_vec()].concat();
    [
        b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
            .to_vec(),
        b"X\x01\0\0\x000X\x03\0\0\0cpu".to_vec(),
        int(length),
        b"tQ".to_vec(),
        int(offset),
        pair(sizes),
        pair(strides),
        b"\x89}tRs.".to_vec(),
    ]
    .concat()
}

#[test]
fn views_and_storages_that_lie_are_errors() {
    let numbers: Vec<u8> = (0..6).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let read = |pickle: &[u8]| Checkpoint::read(archive(pickle, &numbers).path());
    let honest = read(&pickle(6, 0, [2, 3], [3, 1])).unwrap();
    assert_eq!(values(&honest.tensors()["w"]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    for (length, offset, sizes, strides) in [
        (i32::MAX, 0, [2, 3], [3, 1]),
        (7, 0, [2, 3], [3, 1]),
        (-1, 0, [2, 3], [3, 1]),
        (6, 1, [2, 3], [3, 1]),
        (6, -1, [2, 3], [3, 1]),
        (6, 0, [i32::MAX, i32::MAX], [0, 0]),
        (6, 0, [2, 3], [i32::MAX, i32::MAX]),
        (6, 0, [7, 1], [0, 0]),
        (6, 0, [0, i32::MAX], [0, 0]),
    ] {
        let error = read(&pickle(length, offset, sizes, strides));
        assert!(error.is_err(), "{length} {offset} {sizes:?} {strides:?}");
    }
    let shell = Checkpoint::read(archive(b"\x80\x02cposix\nsystem\nX\x02\0\0\0id\x85R.", &numbers).path());
    assert!(shell.unwrap_err().to_string().contains("posix.system"));
}

#[test]
fn damaged_files_are_errors_and_never_panics() {
    for name in ["kinds.pth", "kinds_stream.pth"] {
        let bytes = std::fs::read(file(name)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.pth");
        for length in (0..bytes.len()).step_by(211) {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(Checkpoint::read(&path).is_err(), "{name}: {length} bytes");
        }
        for at in (0..bytes.len()).step_by(29) {
            for flip in [0x01, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] ^= flip;
                std::fs::write(&path, &damaged).unwrap();
                // Some changes are of numbers or names and do no harm; none may panic.
                _ = Checkpoint::read(&path);
            }
        }
    }
    let error = Checkpoint::read(&file("absent.pth")).unwrap_err().to_string();
    assert!(error.contains("absent.pth"), "{error}");
}

/// Files of a hundred megabytes: `python3 tests/oracle/checkpoints.py DIR`, then
/// `COXA_CHECKPOINTS=DIR cargo test --test checkpoints -- --ignored`.
#[test]
#[ignore = "needs files that are too large to keep"]
fn whole_networks_of_torchvision_and_smp_load_by_name() {
    let folder = PathBuf::from(std::env::var_os("COXA_CHECKPOINTS").expect("COXA_CHECKPOINTS"));
    let shape = [1, 1, 64, 64];
    let grey = Tensor::from_vec(by_formula("input", &shape), &shape, &Device::Cpu).unwrap();
    let colour = grey.repeat((1, 3, 1, 1)).unwrap();
    for ending in ["", "_stream"] {
        for (name, depth) in [("resnet18", Depth::Resnet18), ("resnet34", Depth::Resnet34)] {
            let checkpoint = Checkpoint::read(&folder.join(format!("{name}{ending}.pth"))).unwrap();
            let (network, report) = checkpoint.load(&Device::Cpu, |vb| ResNet::new(depth, 3, vb)).unwrap();
            assert_eq!(
                (report.is_complete(), report.unexpected.as_slice()),
                (true, ["fc.bias".to_owned(), "fc.weight".to_owned()].as_slice())
            );
            let expected = ResNet::new(depth, 3, formula(&Device::Cpu)).unwrap();
            let [ours, theirs] = [network, expected].map(|network| network.forward(&colour, false).unwrap());
            assert_eq!(values(&ours[4]), values(&theirs[4]), "{name}{ending}");
        }
        let checkpoint = Checkpoint::read(&folder.join(format!("unet_resnet18{ending}.pth"))).unwrap();
        let (network, report) =
            checkpoint.load(&Device::Cpu, |vb| Unet::new(Depth::Resnet18, 1, 3, vb)).unwrap();
        assert!(report.is_exact(), "{report}");
        let expected = Unet::new(Depth::Resnet18, 1, 3, formula(&Device::Cpu)).unwrap();
        let [ours, theirs] = [network, expected].map(|network| network.forward(&grey, false).unwrap());
        assert_eq!(values(&ours), values(&theirs), "unet_resnet18{ending}");

        let checkpoint =
            Checkpoint::read(&folder.join(format!("unet_plus_plus_resnet18{ending}.pth"))).unwrap();
        let build = |vb| UnetPlusPlus::new(Depth::Resnet18, 1, 3, vb);
        let (network, report) = checkpoint.load(&Device::Cpu, build).unwrap();
        assert!(report.is_exact(), "{report}");
        let expected = build(formula(&Device::Cpu)).unwrap();
        let [ours, theirs] = [network, expected].map(|network| network.forward(&grey, false).unwrap());
        assert_eq!(values(&ours), values(&theirs), "unet_plus_plus_resnet18{ending}");
    }
}
