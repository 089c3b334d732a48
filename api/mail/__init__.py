"""Mail about tickets: which server, the wording, the sending. Nothing is sent where no server is set."""
