"""The plugin's logic, free of Qt and Krita."""
