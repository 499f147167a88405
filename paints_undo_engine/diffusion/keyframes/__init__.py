"""The single-frame model: keyframes at chosen operation steps, from the painting and its tags.

`unet` is the network, `schedule` its noise levels, `sampler` the solver, `vae` the pictures' latents.
"""
