"""The checks of a publisher and of the topic that it publishes to."""
