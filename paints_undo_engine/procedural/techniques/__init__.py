"""What hands do: each module plans one technique as steps, and makes the layers that it works on."""
