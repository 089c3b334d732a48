"""Vacant houses as neighbourhood halls: filters, ranking by newly covered people, exact selection, subsidy terms."""
