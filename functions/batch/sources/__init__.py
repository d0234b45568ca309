"""Reading: files of rows, planned into pieces and read window by window in bounded memory."""
