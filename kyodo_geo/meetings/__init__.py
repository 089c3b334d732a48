"""Meetings to which the city asks the presidents of associations (取組4): clashes, load, joint dates, iCalendar."""
