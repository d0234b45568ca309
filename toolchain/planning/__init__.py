"""What traffic costs and how long it waits: prices, sizes, a simulation, and measurements to feed them."""
