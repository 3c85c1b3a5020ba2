"""Everything that touches a socket, a request or a terminal."""
