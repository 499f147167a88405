"""Who is served next, by which worker, and who hears of it."""
