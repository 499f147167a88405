"""What sits on the device when: devices, memory plans, their accounting, and the moving of components."""
