-- Messages of one story that another one, a delivery too, tells with its own.
ALTER TABLE delivery ADD COLUMN told_by INTEGER;
CREATE INDEX delivery_told_by ON delivery (told_by) WHERE told_by IS NOT NULL;
