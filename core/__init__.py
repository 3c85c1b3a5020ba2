"""What otpgate knows: no sockets, no HTTP, no framework."""
