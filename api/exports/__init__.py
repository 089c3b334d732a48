"""Collections as files over HTTP: text streamed from the database, binary files made by a child process."""
