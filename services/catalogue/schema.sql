-- The catalogue keeps nothing beside the kit's tables.
SELECT 1;
