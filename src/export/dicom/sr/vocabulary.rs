//! The words of the report: concept names, units, anatomy, and which code stands for a landmark or a measurement.

use super::super::code::Code;
use crate::measure::catalogue;
use crate::measure::zones::Class;
use crate::measure::{LandmarkCode, LandmarkId, Origin, Side, Status, Unit};

macro_rules! concepts {
    ($($name:ident = $value:literal, $scheme:literal, $meaning:literal;)*) => {
        $(pub const $name: Code = Code::of($value, $scheme, $meaning);)*
    };
}

concepts! {
    REPORT = "126000", "DCM", "Imaging Measurement Report";
    LANGUAGE = "121049", "DCM", "Language of Content Item and Descendants";
    ENGLISH = "en-GB", "RFC5646", "English (United Kingdom)";
    OBSERVER_TYPE = "121005", "DCM", "Observer Type";
    PERSON = "121006", "DCM", "Person";
    PERSON_NAME = "121008", "DCM", "Person Observer Name";
    DEVICE = "121007", "DCM", "Device";
    DEVICE_UID = "121012", "DCM", "Device Observer UID";
    DEVICE_NAME = "121013", "DCM", "Device Observer Name";
    DEVICE_MANUFACTURER = "121014", "DCM", "Device Observer Manufacturer";
    DEVICE_MODEL = "121015", "DCM", "Device Observer Model Name";
    PROCEDURE = "121058", "DCM", "Procedure reported";
    RADIOGRAPHY = "HIP_RADIOGRAPHY", "99COXA", "Radiography of the hip";
    LIBRARY = "111028", "DCM", "Image Library";
    LIBRARY_GROUP = "126200", "DCM", "Image Library Group";
    MEASUREMENTS = "126010", "DCM", "Imaging Measurements";
    GROUP = "125007", "DCM", "Measurement Group";
    TRACKING = "112039", "DCM", "Tracking Identifier";
    TRACKING_UID = "112040", "DCM", "Tracking Unique Identifier";
    FINDING = "121071", "DCM", "Finding";
    SITE = "363698007", "SCT", "Finding Site";
    LATERALITY = "272741003", "SCT", "Laterality";
    ALGORITHM = "111001", "DCM", "Algorithm Name";
    ALGORITHM_VERSION = "111003", "DCM", "Algorithm Version";
    ALGORITHM_PARAMETER = "111002", "DCM", "Algorithm Parameters";
    METHOD = "370129005", "SCT", "Measurement Method";
    NORMALITY = "121402", "DCM", "Normality";
    NORMAL_RANGE = "121407", "DCM", "Normal Range description";
    NORMAL_RANGE_AUTHORITY = "121408", "DCM", "Normal Range Authority";
    ABOVE = "371886008", "SCT", "+, range of upper measurement uncertainty";
    BELOW = "371885007", "SCT", "-, range of lower measurement uncertainty";
    SOURCE_OF_MEASUREMENT = "121112", "DCM", "Source of Measurement";
    ARM = "121223", "DCM", "Arm of angle";
    REGION = "111030", "DCM", "Image Region";
    SOURCE = "260753009", "SCT", "Source";
    COMMENT = "121106", "DCM", "Comment";
    STATUS = "STATUS", "99COXA", "Status";
    REASON = "REASON", "99COXA", "Reason";
    REFERENCE_LINE = "REFERENCE_LINE", "99COXA", "Reference line";
    INTERVAL = "INTERVAL_95", "99COXA", "Source of the 95 % interval";
    POSITIONING = "POSITIONING", "99COXA", "Verdict on the positioning of the pelvis";
    PROBABILITY = "PROBABILITY", "99COXA", "Share of the landmark draws";
    PLACED_BY = "PLACED_BY", "99COXA", "Placed by";
    DEVIATION = "SD_PX", "99COXA", "Standard deviation of the position";
    RADIUS = "RADIUS_PX", "99COXA", "Radius of the circle about the landmark";
    RESEARCH = "RESEARCH_USE", "99COXA", "Research use statement";
    WARNING = "WARNING", "99COXA", "Warning";
    HIP = "HIP", "99COXA", "Hip";
    PELVIS = "PELVIS", "99COXA", "Pelvis";
    MISSING = "MISSING", "99COXA", "Missing: looked for and not there";
    NOT_GRADED = "NOT_GRADED", "99COXA", "Not graded";
    FREE = "FREE", "99COXA", "Free measurement";
    LENGTH = "410668003", "SCT", "Length";
    ANGLE = "1483009", "SCT", "Angle";
    COBB = "COBB_ANGLE", "99COXA", "Cobb angle";
    DIAMETER = "81827009", "SCT", "Diameter";
    CALCULATION_FAILURE = "114008", "DCM", "Calculation failure";
    NO_UNIT = "1", "UCUM", "no units";
    PIXELS = "{pixels}", "UCUM", "pixels";
}

const NORMAL: Code = Code::of("17621005", "SCT", "Normal");
const ABNORMAL: Code = Code::of("263654008", "SCT", "Abnormal");
const UNDETERMINED: Code = Code::of("371934000", "SCT", "Normality Undetermined");

/// CID 222 says no more than normal, abnormal and undetermined.
pub fn class(class: Class) -> Code {
    match class {
        Class::Normal => NORMAL,
        Class::Abnormal => ABNORMAL,
        Class::Borderline => Code::private("BORDERLINE", "Borderline"),
        Class::Indeterminate => UNDETERMINED,
        Class::NotAssessable => Code::private("NOT_ASSESSABLE", "Not assessable"),
    }
}

pub fn unit(unit: Unit) -> Code {
    match unit {
        Unit::Degree => Code::of("deg", "UCUM", "degree"),
        Unit::Millimetre => Code::of("mm", "UCUM", "millimeter"),
        Unit::Pixel => PIXELS,
        Unit::Percent => Code::of("%", "UCUM", "percent"),
        Unit::Ratio => NO_UNIT,
    }
}

/// The name of a measurement. CID 7550 knows the acetabular angle only; it also means Sharp's, so the method tells.
pub fn measurement(code: &str) -> Code {
    match code {
        "AI" => Code::of("121224", "DCM", "Acetabular angle"),
        _ => Code::private(code, catalogue::title(code).unwrap_or(code)),
    }
}

/// Why there is no number, or what is wrong with the one there is (CID 42).
pub fn qualifier(status: Status) -> Option<Code> {
    Some(match status {
        Status::Ok | Status::CheckLandmarks | Status::Positioning => return None,
        Status::OutOfRange => Code::of("114009", "DCM", "Value out of range"),
        Status::MissingLandmark => Code::of("114010", "DCM", "Value unknown"),
        Status::NotAvailable => Code::of("114007", "DCM", "Measurement not attempted"),
        Status::Coincident
        | Status::BaselineShort
        | Status::Collinear
        | Status::ArcShort
        | Status::NoExit
        | Status::LateralityConflict => CALCULATION_FAILURE,
    })
}

pub fn status(status: Status) -> Code {
    let words = status.code().to_lowercase().replace('_', " ");
    Code::private(status.code(), words)
}

pub fn side(side: Side) -> Code {
    match side {
        Side::Right => Code::of("24028007", "SCT", "Right"),
        Side::Left => Code::of("7771000", "SCT", "Left"),
    }
}

/// Hip joint of a side, or the pelvis.
pub fn region(side: Option<Side>) -> Code {
    match side {
        Some(_) => Code::of("24136001", "SCT", "Hip joint"),
        None => Code::of("816092008", "SCT", "Pelvis"),
    }
}

pub fn landmark(code: &LandmarkCode) -> Code {
    match code.as_str() {
        "FHC" => Code::of("112304", "DCM", "Femur Head Center of Rotation"),
        "LT" => Code::of("55499008", "SCT", "Lesser trochanter of femur"),
        other => Code::private(other, code.description()),
    }
}

/// The bone that a landmark is of; the joint or the pelvis where it is of none.
pub fn site(id: &LandmarkId) -> Code {
    match id.code.as_str() {
        "TRC" | "SMA" | "LAE" | "TD" | "LSE" | "MSE" | "AD" => Code::of("37783008", "SCT", "Acetabulum"),
        "FH" | "FHC" | "HEAD" | "HNC" => Code::of("2812003", "SCT", "Head of Femur"),
        "NA" | "LCP" | "NS" | "NC" => Code::of("29627003", "SCT", "Neck of femur"),
        "HP" | "MM" => Code::of("310651003", "SCT", "Proximal Femur"),
        "SP" | "SD" => Code::of("41111004", "SCT", "Shaft of Femur"),
        "ISC" | "ISH" | "ISP" => Code::of("85710004", "SCT", "Ischium"),
        _ => region(id.side),
    }
}

/// Who put a point where it is.
pub fn origin(origin: Origin) -> Code {
    match origin {
        Origin::Model => Code::private("MODEL", "A model"),
        Origin::Person => Code::private("PERSON", "A person"),
        Origin::File => Code::private("FILE", "A file"),
    }
}

pub fn read_origin(code: &Code) -> Option<Origin> {
    [Origin::Model, Origin::Person, Origin::File].into_iter().find(|known| origin(*known) == *code)
}
