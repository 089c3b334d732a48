"""Files of many addresses: read row by row, written with the result's columns beside the reader's own."""
