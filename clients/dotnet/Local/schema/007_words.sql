-- Words are told apart as the server does, accents included: with the catalog, which the server sends
-- again, come the indexes.
update o_meta set catalog_hash = null;
