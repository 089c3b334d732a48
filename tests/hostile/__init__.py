"""Files made to hurt, for every reader, read under the bounds that the readers promise."""
