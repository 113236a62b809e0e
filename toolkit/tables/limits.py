"""How much a file may hold. Beyond these it is not a list of customers."""

MOST_BYTES = 30_000_000
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
"""Characters; what a cell of a spreadsheet holds."""
MOST_UNPACKED_BYTES = 400_000_000
"""Of the parts of an XLSX file together: a small file may unpack to a very large one."""
MOST_SHARED_BYTES = 80_000_000
"""Of its texts, the one part that is held in memory whole."""
