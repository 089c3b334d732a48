"""Pages of the register of sent documents: what a year comes to (`year`), and its tables as files (`files`)."""
