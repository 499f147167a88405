"""Paints-Undo daemon: several clients, one device; jobs, events and pictures that survive a crash."""
