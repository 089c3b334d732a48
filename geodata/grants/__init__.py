"""Rules of grants by fiscal year, the figures they are worked out for, and calculations for all associations."""
