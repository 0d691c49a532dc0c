//! Honest pickles, dishonest ones and damaged ones.

use super::*;

fn fault(bytes: &[u8]) -> String {
    match run(bytes) {
        Ok(_) => panic!("was taken"),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn a_pickle_that_wants_a_shell_is_refused_by_name() {
    let fault = fault(b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.");
    assert!(fault.contains("os.system"), "{fault}");
}

#[test]
fn protocol_4_names_are_refused_alike() {
    let text = |text: &str| [b"\x8c".as_slice(), &[text.len() as u8], text.as_bytes()].concat();
    let program = [b"\x80\x04".to_vec(), text("builtins"), text("eval"), b"\x93.".to_vec()].concat();
    assert!(fault(&program).contains("builtins.eval"));
}

#[test]
fn lengths_that_lie_are_errors_and_nothing_is_allocated() {
    for program in [
        b"\x80\x02X\xff\xff\xff\xffab".as_slice(),
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\x02\x8b\xff\xff\xff\xff",
        b"\x80\x02B\0\0\0\x80",
        b"\x80",
        b"",
    ] {
        assert!(run(program).is_err(), "{program:?}");
    }
}

#[test]
fn stacks_that_do_not_fit_are_errors() {
    let programs = [
        b"\x80\x02.".as_slice(),
        b"\x80\x02R.",
        b"\x80\x02]t.",
        b"\x80\x02}K\x01s.",
        b"\x80\x02}(K\x01u.",
        b"\x80\x02](K\x010.",
        b"\x80\x02h\x05.",
        b"\x80\x02K\x01K\x02R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02K\x01Q.",
        b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\nctorch._tensor\n_rebuild_from_type_v2\nNN\x87R.",
    ];
    for program in programs {
        let result = run(program).map(|(arena, id, _)| format!("{:?}", arena.get(id)));
        // The one that only leaves a mark behind is harmless.
        assert!(result.is_err() || program == b"\x80\x02](K\x010.", "{program:?} {result:?}");
    }
}

#[test]
fn shared_lists_do_not_grow() {
    // Each list holds the one before it twice: 2^60 leaves if anything were copied or written out.
    let mut program = b"\x80\x02]q\0".to_vec();
    for level in 1..=60 {
        program.extend([b']', b'q', level, b'(', b'h', level - 1, b'h', level - 1, b'e']);
    }
    program.push(b'.');
    let (arena, id, _) = run(&program).unwrap();
    assert_eq!(arena.json(id), None, "too much to be metadata");
}

#[test]
fn plain_data_reads_back() {
    // {'a': (1, -2, 1.5, None, True)} by Python 3's pickle, protocol 2.
    let program =
        b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01(K\x01J\xfe\xff\xff\xffG?\xf8\0\0\0\0\0\0N\x88tq\x02s.";
    let (arena, id, length) = run(program).unwrap();
    assert_eq!(length, program.len());
    assert_eq!(arena.json(id).unwrap(), serde_json::json!({"a": [1, -2, 1.5, null, true]}));
}

/// Every byte of an honest pickle changed to every other kind of opcode: an error or a value, never a panic.
#[test]
fn damage_never_panics() {
    let honest = b"\x80\x02}q\0X\x01\0\0\0wq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\0\0\0storageq\x03ctorch\nFloatStorage\nq\x04X\x01\0\0\x000q\x05X\x03\0\0\0cpuq\x06K\x06tq\x07QK\0K\x02K\x03\x86q\x08K\x03K\x01\x86q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\rs.";
    let (arena, id, _) = run(honest).unwrap();
    assert!(matches!(arena.entry(id, "w").map(|w| arena.get(w)), Some(Value::Tensor(_))));
    for at in 0..honest.len() {
        for byte in 0..=255 {
            let mut damaged = honest.to_vec();
            damaged[at] = byte;
            if let Ok((arena, id, _)) = run(&damaged) {
                arena.json(id);
            }
        }
        _ = run(&honest[..at]);
    }
}
