"""Reads the Parquet table of `coxa export` as statistics would, and holds it against the CSV of the same film.

    python3 tests/oracle/parquet.py FILM.parquet FILM.csv

Needs pyarrow and pandas; fastparquet too, where it is installed.
"""

import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def main(parquet, csv):
    table = pq.read_table(parquet)
    text = pd.read_csv(csv, dtype=str, keep_default_na=False)
    assert table.column_names == list(text.columns), "the columns differ"
    assert table.num_rows == len(text), "the number of rows differs"
    numbers = 0
    for name in table.column_names:
        kind = table.schema.field(name).type
        assert kind in (pa.float64(), pa.string()), f"{name} is {kind}"
        for value, cell in zip(table[name].to_pylist(), text[name]):
            if kind == pa.float64():
                numbers += value is not None
                assert (value is None) == (cell == "") and (value is None or value == float(cell)), name
            else:
                assert (value or "") == cell, name
    by_pandas = pd.read_parquet(parquet)
    assert by_pandas.shape == text.shape
    readers = ["pyarrow", "pandas"]
    try:
        assert pd.read_parquet(parquet, engine="fastparquet").shape == text.shape
        readers.append("fastparquet")
    except ImportError:
        pass
    print(f"{table.num_rows} rows, {table.num_columns} columns, {numbers} numbers: equal by {', '.join(readers)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
