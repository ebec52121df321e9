// Removed as soon as this room has its first file.
