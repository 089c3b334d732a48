"""What the JSON answers look like: documentation (OpenAPI) and the yardstick of the tests.

Answers are built from rows as bytes and not squeezed through these models; a test holds the two together.
"""
