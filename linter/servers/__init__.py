"""Web servers by the table `servers` of the knowledge: command lines, addresses, limits, and the facts of them."""
