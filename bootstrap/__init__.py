"""Where everything meets: settings, adapters by name, the container, the command line."""
