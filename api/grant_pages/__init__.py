"""Pages of the city's grants for planners: rules by fiscal year, trials, comparison, calculations and their papers."""
