"""What the simulated cloud's resources do as time goes on: load, capacity, measurements."""
