"""The published contract as checks of any server, black box: `orderport contract`."""
