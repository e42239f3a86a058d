/** Settlements and adjustments: each function is one step, and one transaction. */
export const SETTLEMENTS = `
-- What the outbox has of the account then: key, code, scale, amount, milliseconds since 1970.
CREATE FUNCTION settle(
  its_account text, its_code text, its_scale integer, threshold numeric, settle_to numeric, new_key text
) RETURNS TABLE (key text, code text, scale integer, amount numeric, created_ms bigint) LANGUAGE plpgsql AS $$
DECLARE
  its_balance numeric;
  due numeric;
BEGIN
  PERFORM lock_accounts(ARRAY[its_account]);
  IF NOT EXISTS (SELECT FROM outbox WHERE account = its_account) THEN
    SELECT balance, balance - held_out - settle_to INTO its_balance, due FROM balances WHERE account = its_account;
    IF its_balance >= threshold AND due > 0 THEN
      UPDATE balances SET balance = balance - due WHERE account = its_account;
      INSERT INTO outbox (account, key, code, scale, amount, created)
      VALUES (its_account, new_key, its_code, its_scale, due, clock_timestamp());
      INSERT INTO positions AS p (code, scale, settled) VALUES (its_code, its_scale, due)
      ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE SET settled = p.settled + due;
    END IF;
  END IF;
  RETURN QUERY
    SELECT o.key, o.code, o.scale, o.amount, milliseconds(o.created) FROM outbox o WHERE o.account = its_account;
END
$$;

CREATE FUNCTION milliseconds(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT floor(extract(epoch FROM moment) * 1000)::bigint
$$;

-- Returns the units credited; nothing where the key is that of another settlement. The key is locked first: of several
-- callers with one key, all but one wait for its answer.
CREATE FUNCTION credit(
  its_key text, its_account text, its_code text, unit_scale integer,
  its_quantity numeric, its_scale integer, kept_ms double precision
) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
  unit numeric := ('1e-' || unit_scale)::numeric;
  known credits;
  total numeric;
  units numeric;
BEGIN
  INSERT INTO credits (key, account, quantity, scale, used)
  VALUES (its_key, its_account, its_quantity, its_scale, clock_timestamp())
  ON CONFLICT (key) DO UPDATE SET used = excluded.used
  RETURNING * INTO known;
  IF (known.account, known.quantity, known.scale) IS DISTINCT FROM (its_account, its_quantity, its_scale) THEN
    RETURN NULL;
  ELSIF known.credited IS NOT NULL THEN
    RETURN known.credited;
  END IF;
  PERFORM lock_accounts(ARRAY[its_account]);
  SELECT leftover + its_quantity INTO total FROM balances WHERE account = its_account;
  units := div(total, unit);
  UPDATE balances SET balance = balance + units, leftover = trim_scale(total - units * unit)
  WHERE account = its_account;
  UPDATE credits SET credited = units WHERE key = its_key;
  INSERT INTO positions AS p (code, scale, settled) VALUES (its_code, unit_scale, -units)
  ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE SET settled = p.settled - units;
  -- A few at a time, and none that somebody else has at hand: nobody waits for this.
  DELETE FROM credits WHERE key IN (
    SELECT key FROM credits WHERE used < clock_timestamp() - kept_ms * interval '1 ms' LIMIT 10
    FOR UPDATE SKIP LOCKED
  );
  RETURN units;
END
$$;

CREATE FUNCTION adjust(
  its_key text, its_account text, its_code text, its_scale integer, its_amount numeric, its_reason text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  known adjustments;
BEGIN
  INSERT INTO adjustments (key, account, amount, reason, posted)
  VALUES (its_key, its_account, its_amount, its_reason, clock_timestamp())
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO known FROM adjustments WHERE key = its_key;
    IF (known.account, known.amount, known.reason) IS DISTINCT FROM (its_account, its_amount, its_reason) THEN
      RETURN 'key-reused';
    END IF;
    RETURN 'posted';
  END IF;
  PERFORM lock_accounts(ARRAY[its_account]);
  UPDATE balances SET balance = balance + its_amount WHERE account = its_account;
  INSERT INTO positions AS p (code, scale, adjusted) VALUES (its_code, its_scale, -its_amount)
  ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE SET adjusted = p.adjusted - its_amount;
  RETURN 'posted';
END
$$;
`
