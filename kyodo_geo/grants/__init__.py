"""Grants of the city as data: schemes, rule tables of a fiscal year, and what comes out of them, step by step.

No amount of any rule stands in the program. A rule table (`table`) is written by planners in rows with formulas in
words (`formula`), kept as JSON (`keeping`), and worked out for named figures (`calculate`) to exact whole yen. What
cannot be calculated is told with its reason and is never 0.
"""
