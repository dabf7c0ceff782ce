-- Finds what one request has caused. Each range of pages has a bloom filter of its correlation ids. Unlike a B-tree it costs an append next
-- to nothing: a page that is being filled belongs to no filter yet, and a search reads it. The filters are some ten thousand times smaller.
CREATE INDEX event_correlation ON event USING brin ((metadata ->> 'correlationId') text_bloom_ops)
  WITH (pages_per_range = 32, autosummarize = on);
