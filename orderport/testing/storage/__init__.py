"""The checks of a storage, a module for each port and for what goes beyond one."""
