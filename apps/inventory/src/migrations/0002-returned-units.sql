-- Units that have come back from a customer and are not for sale yet.

ALTER TABLE product ADD COLUMN returned bigint NOT NULL DEFAULT 0 CHECK (returned >= 0);
