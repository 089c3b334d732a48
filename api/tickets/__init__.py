"""Behind the pages of tickets: the desk that enters and changes them, the gate against floods, the forms' fields."""
