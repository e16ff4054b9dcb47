"""Everything that touches the outside: PostgreSQL, Kafka, HTTP, keys, logs; the only importer of eventsourcing, psycopg, faststream, aiokafka."""
