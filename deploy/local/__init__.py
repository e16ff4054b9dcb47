"""A whole city on one machine: a real PostgreSQL, a real Kafka and every service as its own process."""
