"""What `paints_undo_engine.painting` is made of: reading files, colour, transparency and geometry of pictures."""
