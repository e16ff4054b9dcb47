"""The city in containers: its image, its broker's settings, its databases, and what must exist before the first start."""
