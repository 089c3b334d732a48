"""Documents that the city sends to the presidents of associations (取組5): the yearly figure, and what could be bundled."""
