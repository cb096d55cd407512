"""Side-by-side measurements on real servers: `make bench`. docs/performance.md tells what they show."""
