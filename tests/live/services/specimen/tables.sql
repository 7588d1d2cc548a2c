CREATE TABLE items (name text NOT NULL);
INSERT INTO items VALUES ('tea');
