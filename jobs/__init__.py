"""When: the schedule of sweeps, and the loops that run on and on."""
