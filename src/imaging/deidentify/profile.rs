//! The Basic Application Level Confidentiality Profile (PS3.15 annex E): what becomes of each attribute.
//!
//! The table of the standard names what is known to identify; texts that it does not name may identify as well. So
//! texts are replaced unless they are on a short list of harmless ones, whatever carries a name or number of a person,
//! place or device is removed, and codes and measures stay.

use dicom_core::{Tag, VR};

/// What to do with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Keep,
    Remove,
    /// Present with no value.
    Empty,
    /// A value that says nothing.
    Dummy,
    Uid,
    Date,
    /// Midnight.
    Time,
    PatientName,
    PatientId,
    /// A sequence whose items are treated in turn.
    Within,
}

/// Action on `tag` of `vr`. `characteristics` keeps sex, age, size and weight (option of PS3.15 E.3.3).
pub(super) fn action(tag: Tag, vr: VR, characteristics: bool) -> Action {
    let Tag(group, element) = tag;
    if group % 2 == 1 || matches!(group, 0x5000..=0x501E | 0x6000..=0x601E) {
        return Action::Remove;
    }
    match (group, element) {
        (0x0010, 0x0010) => return Action::PatientName,
        (0x0010, 0x0020) => return Action::PatientId,
        (0x0010, 0x0040) if !characteristics => return Action::Empty,
        (0x0010, 0x0040 | 0x1010 | 0x1020 | 0x1030) => {
            return if characteristics { Action::Keep } else { Action::Remove };
        }
        _ => {}
    }
    if EMPTIED.contains(&(group, element)) {
        return Action::Empty;
    }
    if is_removed(group, element) {
        return Action::Remove;
    }
    match vr {
        VR::SQ => Action::Within,
        VR::UI if CLASSES.contains(&(group, element)) => Action::Keep,
        VR::UI => Action::Uid,
        VR::DA | VR::DT => Action::Date,
        VR::TM => Action::Time,
        VR::AE | VR::UR | VR::AS => Action::Remove,
        VR::LO | VR::SH | VR::ST | VR::LT | VR::UT | VR::UC | VR::PN => {
            if HARMLESS.contains(&(group, element)) { Action::Keep } else { Action::Dummy }
        }
        // Of an unknown kind: nobody can say that it is harmless.
        VR::UN => Action::Remove,
        _ => Action::Keep,
    }
}

/// Action Z: demanded by the object definitions, with or without a value.
const EMPTIED: &[(u16, u16)] = &[
    (0x0008, 0x0050), // AccessionNumber
    (0x0008, 0x0090), // ReferringPhysicianName
    (0x0008, 0x009C), // ConsultingPhysicianName
    (0x0008, 0x1070), // OperatorsName
    (0x0010, 0x0030), // PatientBirthDate
    (0x0018, 0x0010), // ContrastBolusAgent
    (0x0020, 0x0010), // StudyID
    (0x0040, 0x0513), // IssuerOfTheContainerIdentifierSequence
    (0x0040, 0x0555), // AcquisitionContextSequence
    (0x0040, 0x0562), // IssuerOfTheSpecimenIdentifierSequence
];

/// Action X: persons, places, devices, descriptions and comments, and whole groups about the visit, the request, the
/// storage medium, signatures and interpretation.
fn is_removed(group: u16, element: u16) -> bool {
    match group {
        0x0008 => matches!(
            element,
            0x0015 | 0x0024 | 0x0025 | 0x0034 | 0x0035 | 0x0051 | 0x0054 | 0x0055 | 0x0080..=0x0082 | 0x0092..=0x0096
                | 0x009D | 0x0201 | 0x1000 | 0x1010 | 0x1030 | 0x1032 | 0x103E | 0x103F | 0x1040 | 0x1041
                | 0x1048..=0x106F | 0x1071..=0x1084 | 0x1110 | 0x1120 | 0x2111 | 0x4000
        ),
        // All but name, ID, birth date, sex, age, size and weight.
        0x0010 => true,
        0x0012 => matches!(element, 0x0010..=0x0051 | 0x0071..=0x0087),
        0x0018 => matches!(
            element,
            0x1002..=0x1012 | 0x1030 | 0x1400 | 0x4000 | 0x700A | 0x9424 | 0x9516 | 0x9517 | 0xA003
        ),
        0x0020 => matches!(element, 0x3400..=0x3406 | 0x4000 | 0x9158),
        0x0028 => element == 0x4000,
        0x0032 | 0x0038 | 0x0088 | 0x0400 | 0x4000 | 0x4008 | 0xFFFA | 0xFFFC => true,
        0x0040 => matches!(element, 0x0000..=0x0300 | 0x1001..=0x4FFF | 0xA07C | 0xA082),
        0x2030 | 0x2200 | 0x3010 => true,
        _ => false,
    }
}

/// UIDs that say what an object is and not which.
const CLASSES: &[(u16, u16)] = &[
    (0x0008, 0x0016), // SOPClassUID
    (0x0008, 0x001A), // RelatedGeneralSOPClassUID
    (0x0008, 0x001B), // OriginalSpecializedSOPClassUID
    (0x0008, 0x010C), // CodingSchemeUID
    (0x0008, 0x0117), // ContextUID
    (0x0008, 0x0118), // MappingResourceUID
    (0x0008, 0x1150), // ReferencedSOPClassUID
];

/// Texts of machines and coding schemes.
const HARMLESS: &[(u16, u16)] = &[
    (0x0008, 0x0070), // Manufacturer
    (0x0008, 0x0100), // CodeValue
    (0x0008, 0x0102), // CodingSchemeDesignator
    (0x0008, 0x0103), // CodingSchemeVersion
    (0x0008, 0x0104), // CodeMeaning
    (0x0008, 0x0115), // CodingSchemeName
    (0x0008, 0x0119), // LongCodeValue
    (0x0008, 0x1090), // ManufacturerModelName
    (0x0018, 0x0024), // SequenceName
    (0x0018, 0x0085), // ImagedNucleus
    (0x0018, 0x1020), // SoftwareVersions
    (0x0018, 0x1401), // AcquisitionDeviceProcessingCode
    (0x0018, 0x1160), // FilterType
    (0x0018, 0x1210), // ConvolutionKernel
    (0x0018, 0x9005), // PulseSequenceName
    (0x0028, 0x1054), // RescaleType
    (0x0028, 0x1055), // WindowCenterWidthExplanation
    (0x0028, 0x3003), // LUTExplanation
    (0x0028, 0x3004), // ModalityLUTType
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_table() {
        let of = |group, element, vr| action(Tag(group, element), vr, false);
        assert_eq!(of(0x0010, 0x0010, VR::PN), Action::PatientName);
        assert_eq!(of(0x0010, 0x1010, VR::AS), Action::Remove);
        assert_eq!(action(Tag(0x0010, 0x1010), VR::AS, true), Action::Keep);
        assert_eq!(of(0x0008, 0x0050, VR::SH), Action::Empty);
        assert_eq!(of(0x0008, 0x0018, VR::UI), Action::Uid);
        assert_eq!(of(0x0008, 0x0016, VR::UI), Action::Keep);
        assert_eq!(of(0x0029, 0x1010, VR::OB), Action::Remove);
        assert_eq!(of(0x6000, 0x3000, VR::OW), Action::Remove);
        assert_eq!(of(0x0008, 0x0020, VR::DA), Action::Date);
        assert_eq!(of(0x0018, 0x1041, VR::LO), Action::Dummy);
        assert_eq!(of(0x0018, 0x0060, VR::DS), Action::Keep);
        assert_eq!(of(0x7FE0, 0x0010, VR::OW), Action::Keep);
    }
}
