"""Civic collaboration centres and what they support: consultations, events, associations at risk, advisers."""
