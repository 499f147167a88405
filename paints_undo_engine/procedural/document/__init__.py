"""The history of a document: layers whose look is a pure function of time, and what joins them."""
