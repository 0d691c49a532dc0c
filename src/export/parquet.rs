//! The table of [`super::csv`] as Parquet: the same columns and rows with their types, so that statistics need not guess
//! which text was a number and which was nothing.

use super::ExportError;
use super::csv::{Column, Summary};
use ::parquet::basic::{LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::record::Field;
use ::parquet::schema::types::{Type, TypePtr};
use bytes::Bytes;
use std::sync::Arc;

/// The table of `summary`: numbers as DOUBLE, all else as UTF-8; what is empty there is null here. It is not compressed: a
/// thousand films are two megabytes.
///
/// # Errors
/// [`ExportError::Parquet`]; a table in memory gives none.
pub fn to_bytes(summary: &Summary) -> std::result::Result<Vec<u8>, ExportError> {
    written(summary).map_err(|error| ExportError::Parquet(error.to_string()))
}

fn written(summary: &Summary) -> Result<Vec<u8>> {
    let columns = Summary::columns();
    // Each cell is its own word: a dictionary would be larger, and some readers stumble over an empty one.
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_created_by(format!("Coxa {}", env!("CARGO_PKG_VERSION")))
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema(&columns)?, Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (index, column) in columns.iter().enumerate() {
        let cells = || summary.rows().map(move |row| row[index].as_str()).filter(|cell| !cell.is_empty());
        let there: Vec<i16> = summary.rows().map(|row| i16::from(!row[index].is_empty())).collect();
        if column.number {
            let numbers: std::result::Result<Vec<f64>, _> = cells().map(str::parse).collect();
            let numbers = numbers.map_err(|error| ParquetError::External(Box::new(error)))?;
            write::<DoubleType>(&mut group, &numbers, &there)?;
        } else {
            let texts: Vec<ByteArray> = cells().map(ByteArray::from).collect();
            write::<ByteArrayType>(&mut group, &texts, &there)?;
        }
    }
    group.close()?;
    writer.into_inner()
}

/// The next column: its values, and for each row whether it has one.
fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    there: &[i16],
) -> Result<()> {
    let mut column =
        group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
    column.typed::<T>().write_batch(values, Some(there), None)?;
    column.close()
}

fn schema(columns: &[Column]) -> Result<TypePtr> {
    let field = |column: &Column| {
        let kind = if column.number { Physical::DOUBLE } else { Physical::BYTE_ARRAY };
        let logical = (!column.number).then_some(LogicalType::String);
        let builder = Type::primitive_type_builder(&column.name, kind).with_logical_type(logical);
        builder.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
    };
    let fields = columns.iter().map(field).collect::<Result<_>>()?;
    Ok(Arc::new(Type::group_type_builder("films").with_fields(fields).build()?))
}

/// The cells of every row as CSV would have them, of the bytes of a file that [`to_bytes`] made.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Vec<String>>> {
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes))?;
    let rows = reader.get_row_iter(None)?;
    let cell = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(number) => number.to_string(),
        other => other.to_string(),
    };
    rows.map(|row| Ok(row?.get_column_iter().map(|(_, field)| cell(field)).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_table_comes_back_cell_by_cell() {
        let mut summary = Summary::default();
        summary.add_failure(Path::new("ä/bad.dcm"), "not a film; 左右");
        let bytes = to_bytes(&summary).expect("a table");
        let rows = read(&bytes).expect("read");
        assert_eq!(rows.len(), 1);
        assert!(summary.rows().eq(rows.iter()), "{rows:?}");
    }

    #[test]
    fn no_film_is_a_table_too() {
        let bytes = to_bytes(&Summary::default()).expect("a table");
        assert!(read(&bytes).expect("read").is_empty());
    }
}
