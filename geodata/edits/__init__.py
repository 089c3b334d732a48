"""What staff edit in the browser. Dated records change in place, each with an audit entry; rows of datasets never do:
changes to them gather in a draft that becomes new datasets and a new generation.
"""
