"""The embedded engine: takes a finished picture apart into the history of a document, on the CPU."""
