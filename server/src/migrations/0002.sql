-- When a phone asked to be let in, by the server's clock; null for one that asked before this was written down.
alter table device add column asked_ms integer;
