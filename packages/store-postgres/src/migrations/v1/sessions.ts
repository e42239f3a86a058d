/**
 * Nobody waits for each other: locks are taken in one order everywhere, sessions or the keys of settlements and
 * adjustments first, then accounts by their ids, then positions by code and scale.
 */
export const SESSIONS = `
-- Makes rows of those accounts that have none, and locks all. Each is named once.
CREATE FUNCTION lock_accounts(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO balances (account)
  SELECT id FROM unnest(ids) AS id
  WHERE NOT EXISTS (SELECT FROM balances WHERE account = id)
  ORDER BY id COLLATE "C"
  ON CONFLICT DO NOTHING;
  PERFORM FROM balances JOIN unnest(ids) AS id ON account = id ORDER BY account FOR UPDATE OF balances;
END
$$;

CREATE FUNCTION open_session(
  its_id text, lease_ms double precision, hold_ms double precision, kept_ms double precision
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE ended < clock_timestamp() - kept_ms * interval '1 ms' FOR UPDATE SKIP LOCKED
  );
  INSERT INTO sessions (id, lease, longest_hold, seen)
  VALUES (its_id, lease_ms * interval '1 ms', hold_ms * interval '1 ms', clock_timestamp());
END
$$;

-- Nothing where there is no such session.
CREATE FUNCTION renew_session(its_id text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  session sessions;
BEGIN
  SELECT * INTO session FROM sessions WHERE id = its_id FOR UPDATE;
  IF session.id IS NULL THEN
    RETURN NULL;
  END IF;
  IF session.ended IS NOT NULL OR clock_timestamp() - session.seen >= session.lease THEN
    RETURN 'ended';
  END IF;
  UPDATE sessions SET seen = clock_timestamp() WHERE id = its_id;
  RETURN 'live';
END
$$;

-- Of sessions that the caller has locked.
CREATE FUNCTION give_holds_back(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_accounts(ARRAY(SELECT DISTINCT account FROM holds WHERE session = ANY (ids)));
  UPDATE balances SET held_out = balances.held_out - held.away, held_in = balances.held_in - held.here
  FROM (
    SELECT account, sum(held_out) AS away, sum(held_in) AS here
    FROM holds WHERE session = ANY (ids) GROUP BY account
  ) AS held
  WHERE balances.account = held.account;
  DELETE FROM holds WHERE session = ANY (ids);
  UPDATE sessions SET ended = clock_timestamp() WHERE id = ANY (ids);
END
$$;

CREATE FUNCTION end_session(its_id text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM sessions WHERE id = its_id AND ended IS NULL FOR UPDATE;
  IF FOUND THEN
    PERFORM give_holds_back(ARRAY[its_id]);
  END IF;
END
$$;

-- A session that somebody else has locked is being ended already, or alive.
CREATE FUNCTION end_expired_sessions() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  ids text[] := ARRAY(
    SELECT id FROM sessions WHERE ended IS NULL AND clock_timestamp() - seen >= lease + longest_hold
    FOR UPDATE SKIP LOCKED
  );
BEGIN
  PERFORM give_holds_back(ids);
  RETURN ids;
END
$$;
`
