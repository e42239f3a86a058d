/**
 * A session holds on most accounts alone: what it holds then stands in the account's own row, whose `holder` it is, and
 * costs no row of its own. What other sessions hold of the same account is in `holds`, as it was; a session is in one of
 * the two places. An account without a holder gets the next session that has nothing in `holds` for it.
 */
export const HOLDERS = `
ALTER TABLE balances
  ADD COLUMN holder text COLLATE "C",
  -- What the holder holds of the two totals.
  ADD COLUMN holder_out numeric NOT NULL DEFAULT 0,
  ADD COLUMN holder_in numeric NOT NULL DEFAULT 0;
CREATE INDEX balances_of_holder ON balances (holder) WHERE holder IS NOT NULL;

-- Makes rows of those accounts that have none. Before any account is locked: who waits here for somebody who makes the
-- same rows keeps nobody waiting.
CREATE FUNCTION make_accounts(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO balances (account)
  SELECT id FROM unnest(ids) AS id
  WHERE NOT EXISTS (SELECT FROM balances WHERE account = id)
  ORDER BY id COLLATE "C"
  ON CONFLICT DO NOTHING;
END
$$;

CREATE OR REPLACE FUNCTION lock_accounts(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM make_accounts(ids);
  PERFORM FROM balances JOIN unnest(ids) AS id ON account = id ORDER BY account FOR UPDATE OF balances;
END
$$;

-- Of sessions that the caller has locked.
CREATE OR REPLACE FUNCTION give_holds_back(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_accounts(ARRAY(
    SELECT account FROM balances WHERE holder = ANY (ids)
    UNION
    SELECT account FROM holds WHERE session = ANY (ids)
  ));
  UPDATE balances SET
    held_out = held_out - holder_out, held_in = held_in - holder_in,
    holder = NULL, holder_out = 0, holder_in = 0
  WHERE holder = ANY (ids);
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
`
