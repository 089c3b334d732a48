"""Siting asked of a whole city: the question in words of the office, what it means for the models, and what came out.

`kyodo_geo/siting` solves on bare matrices; here a question (`Question`) and the possible sites (`Place`) become one, and an
answer becomes sites with names, figures before and after, and the sentences of what was assumed.
"""
