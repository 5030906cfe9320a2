"""How much of a submitted file is read, and why: beyond a limit a fault says so, and nothing is cut off silently."""

#: Bytes of a file: a million rows of eight columns are about 100 MB as CSV.
MOST_BYTES = 256 * 1024**2
#: Bytes of a workbook, and of its parts unpacked. XML is read at about 20 MB a second: more would take too long, and
#: CSV holds the same. The directory of the archive is held in memory, so it is bounded before it is opened.
MOST_WORKBOOK_BYTES = 64 * 1024**2
MOST_XML_BYTES = 96 * 1024**2
MOST_DIRECTORY_BYTES = 256 * 1024
MOST_SHEETS = 100
#: Bytes that the columns of a Parquet file may unpack to.
MOST_PARQUET_BYTES = 1024**3
#: Figures of one file: twice the largest dataset known to us; they are held in memory at about 250 bytes each.
MOST_FIGURES = 2_000_000
#: Blank lines of CSV.
MOST_BLANK = 1_000_000
#: Columns: eight, or a year each in wide form.
MOST_COLUMNS = 300
#: Characters of a cell: what a cell of a workbook can hold.
LONGEST_CELL = 32_767
#: Characters of a line of CSV and of a record that runs over several lines.
LONGEST_RECORD = 1024**2
#: Faults after which reading stops: by then it is the wrong file, or one mistake in every row.
MOST_FAULTS = 100_000

#: Memory and seconds of processor time of the process that unpacks workbooks and Parquet. pyarrow reserves 1.5 GB of
#: addresses that it does not use: the limit is on data, not on addresses.
CHILD_BYTES = 280 * 1024**2
CHILD_SECONDS = 30
#: Rows that it sends at once, and characters that the texts of a column in Parquet may have together.
BATCH = 1_000
BATCH_CHARACTERS = 64 * 1024**2
#: Elements of a part of a workbook, about 2.5 for a cell: some 150,000 rows of eight, which take three seconds.
MOST_ELEMENTS = 3_000_000
#: Bytes of a tag of XML: a parser reads an unfinished one again and again.
LONGEST_TAG = 1024**2
