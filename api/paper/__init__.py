"""What is printed: leaflets, the one sheet, the sheet for fax. Templates to PDF, in a process of its own."""
