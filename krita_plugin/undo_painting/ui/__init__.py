"""The widgets. They show what the controller says and hand clicks on; they decide nothing."""
