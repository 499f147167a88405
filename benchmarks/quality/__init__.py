"""How believable is a process? Measures, bands, cheap fakes to compare with, and contact sheets."""
