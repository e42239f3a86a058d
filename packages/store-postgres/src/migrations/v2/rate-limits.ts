/**
 * Token buckets. They need no log: those that a crash takes with it are full again, and nobody waits for the disk. Levels
 * and capacities are in 60,000ths of a token: a millisecond brings as many of them as a minute brings tokens.
 */
export const RATE_LIMITS = `
CREATE UNLOGGED TABLE buckets (
  name text COLLATE "C" PRIMARY KEY,
  level numeric NOT NULL,
  per_minute numeric NOT NULL,
  capacity numeric NOT NULL,
  -- When it had this level, and when it will be full, if ever: in milliseconds since 1970.
  at_ms bigint NOT NULL,
  full_ms numeric
) WITH (fillfactor = 50);
CREATE INDEX buckets_by_end ON buckets (full_ms);

-- The bucket with what it holds now, locked, when it has got these terms.
CREATE FUNCTION filled_bucket(its_name text, per_minute_now numeric, capacity_now numeric)
RETURNS buckets LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets;
  now_ms bigint;
BEGIN
  -- Whether it is there or not, it is locked behind this, and nobody else removes it.
  INSERT INTO buckets VALUES (its_name, capacity_now * 60000, per_minute_now, capacity_now * 60000, 0)
  ON CONFLICT (name) DO UPDATE SET name = excluded.name
  RETURNING * INTO bucket;
  now_ms := milliseconds(clock_timestamp());
  bucket.level := least(
    bucket.level + greatest(now_ms - bucket.at_ms, 0) * bucket.per_minute, bucket.capacity, capacity_now * 60000
  );
  bucket.per_minute := per_minute_now;
  bucket.capacity := capacity_now * 60000;
  bucket.at_ms := now_ms;
  RETURN bucket;
END
$$;

CREATE FUNCTION keep_bucket(bucket buckets) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  bucket.full_ms := CASE
    WHEN bucket.level = bucket.capacity THEN bucket.at_ms
    WHEN bucket.per_minute > 0 THEN bucket.at_ms + ceil((bucket.capacity - bucket.level) / bucket.per_minute) + 1
  END;
  UPDATE buckets SET
    level = bucket.level, per_minute = bucket.per_minute, capacity = bucket.capacity,
    at_ms = bucket.at_ms, full_ms = bucket.full_ms
  WHERE name = bucket.name;
  -- A few that are full again, and none that somebody else has at hand: nobody waits for this.
  DELETE FROM buckets WHERE name IN (
    SELECT name FROM buckets WHERE full_ms < bucket.at_ms LIMIT 2 FOR UPDATE SKIP LOCKED
  );
END
$$;

CREATE FUNCTION take_tokens(its_name text, per_minute_now numeric, capacity_now numeric, wanted numeric)
RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := filled_bucket(its_name, per_minute_now, capacity_now);
  taken numeric := least(wanted, div(bucket.level, 60000));
BEGIN
  bucket.level := bucket.level - taken * 60000;
  PERFORM keep_bucket(bucket);
  RETURN taken;
END
$$;

CREATE FUNCTION give_tokens(its_name text, per_minute_now numeric, capacity_now numeric, tokens numeric)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  bucket buckets := filled_bucket(its_name, per_minute_now, capacity_now);
BEGIN
  bucket.level := least(bucket.level + tokens * 60000, bucket.capacity);
  PERFORM keep_bucket(bucket);
END
$$;
`
