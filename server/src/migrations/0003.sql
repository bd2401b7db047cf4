-- Of a device's last request: the hash of the code that it used (32 bytes) and the server's part in the four words (16
-- bytes); null for one that asked before they were written down.
alter table device add column code blob;
alter table device add column nonce blob;
