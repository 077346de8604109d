"""What a client can do, group by group: one engine, and a thin class with the official names for each kind."""
