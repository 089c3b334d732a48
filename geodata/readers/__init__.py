"""Readers: files as they are really published → canonical frames and a report."""
