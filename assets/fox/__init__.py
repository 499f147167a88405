"""The project's own illustration, part by part."""
