-- How a row came: sent by a webhook, or what the REST API showed when it was asked.
ALTER TABLE inbox ADD COLUMN origin TEXT NOT NULL DEFAULT 'webhook';
