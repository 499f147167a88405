"""The GIMP 3 plug-in "Undo Painting", and what packs it: it shares the core and the client of the Krita plugin."""
