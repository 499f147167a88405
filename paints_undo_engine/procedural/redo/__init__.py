"""Going on from a state another way: the same drawing finished with other colours, in another light or finish."""
