"""A synthetic country: as many municipalities, associations and addresses as Japan has, invented, equal for equal seeds."""
