"""Ways of working: each module is one method, which puts techniques in their order and shares out the time."""
