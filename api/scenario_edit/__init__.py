"""Staff edit scenarios: what is read for the pages, forms and tables of actions, versions side by side."""
