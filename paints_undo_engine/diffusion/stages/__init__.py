"""The two stages that run the models: from the painting to keyframes, and from two keyframes to an interval."""
