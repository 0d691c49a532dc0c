//! DICOM files made for a test, attribute by attribute.

use dicom_core::value::{DataSetSequence, PixelFragmentSequence};
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use dicom_object::meta::FileMetaTableBuilder;
use std::path::{Path, PathBuf};

pub struct Made(pub InMemDicomObject);

impl Made {
    /// A DX image of `columns` columns of 16-bit values.
    pub fn film(columns: u16, values: &[u16]) -> Made {
        let rows = values.len() as u16 / columns;
        let mut made = Made(InMemDicomObject::new_empty());
        made.text(tags::SOP_CLASS_UID, VR::UI, uids::DIGITAL_X_RAY_IMAGE_STORAGE_FOR_PRESENTATION)
            .text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4.5")
            .text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3.1")
            .text(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3.2")
            .text(tags::MODALITY, VR::CS, "DX")
            .number(tags::ROWS, rows)
            .number(tags::COLUMNS, columns)
            .number(tags::SAMPLES_PER_PIXEL, 1)
            .number(tags::BITS_ALLOCATED, 16)
            .number(tags::BITS_STORED, 12)
            .number(tags::HIGH_BIT, 11)
            .number(tags::PIXEL_REPRESENTATION, 0)
            .text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2")
            .text(tags::PATIENT_ORIENTATION, VR::CS, "L\\F");
        made.0.put(DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(values.into())));
        made
    }

    pub fn text(&mut self, tag: Tag, vr: VR, value: &str) -> &mut Made {
        self.0.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
        self
    }

    pub fn number(&mut self, tag: Tag, value: u16) -> &mut Made {
        self.0.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        self
    }

    pub fn bytes(&mut self, tag: Tag, vr: VR, value: &[u8]) -> &mut Made {
        self.0.put(DataElement::new(tag, vr, PrimitiveValue::U8(value.into())));
        self
    }

    pub fn words(&mut self, tag: Tag, vr: VR, value: &[u16]) -> &mut Made {
        self.0.put(DataElement::new(tag, vr, PrimitiveValue::U16(value.into())));
        self
    }

    pub fn items(&mut self, tag: Tag, items: Vec<Made>) -> &mut Made {
        let items: Vec<_> = items.into_iter().map(|made| made.0).collect();
        self.0.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        self
    }

    pub fn fragments(&mut self, fragments: Vec<Vec<u8>>) -> &mut Made {
        self.0.put(DataElement::new(
            tags::PIXEL_DATA,
            VR::OB,
            PixelFragmentSequence::new_fragments(fragments),
        ));
        self
    }

    pub fn empty() -> Made {
        Made(InMemDicomObject::new_empty())
    }

    pub fn write(self, path: &Path) -> PathBuf {
        self.write_as(uids::EXPLICIT_VR_LITTLE_ENDIAN, path)
    }

    pub fn write_as(self, transfer_syntax: &str, path: &Path) -> PathBuf {
        let class = self.0.element(tags::SOP_CLASS_UID).map(|e| e.to_str().expect("text").into_owned());
        let instance = self.0.element(tags::SOP_INSTANCE_UID).map(|e| e.to_str().expect("text").into_owned());
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(transfer_syntax)
            .media_storage_sop_class_uid(class.unwrap_or("1.2".into()))
            .media_storage_sop_instance_uid(instance.unwrap_or("1.2.3".into()));
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        self.0.with_meta(meta).expect("meta").write_to_file(path).expect("written");
        path.to_owned()
    }
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
