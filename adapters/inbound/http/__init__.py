"""The published HTTP API, on Litestar."""
