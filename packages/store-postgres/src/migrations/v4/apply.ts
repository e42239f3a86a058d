/**
 * Applies a batch in one step. Accounts, assets, and accounts with the limits that they came with, are numbered from 1;
 * an operation is a kind (0 reserve, 1 commit, 2 release), such an account for each side, and both amounts. Accounts are
 * locked in the order of their ids and read into arrays, in which they stand by their numbers; the operations walk over
 * these, and each account is written at the end, once. Accounts without a row are for `make_accounts` first.
 *
 * Returns the outcomes, a letter for each operation; or why nothing was applied, as a number.
 */
export const APPLY = `
CREATE OR REPLACE FUNCTION apply(
  session_id text, batch bigint,
  ids text[], asset_of integer[], codes text[], scales integer[],
  account_of integer[], minimum numeric[], maximum numeric[],
  kinds integer[], sources integer[], targets integer[], amounts_out numeric[], amounts_in numeric[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  its sessions;
  moment timestamptz;
  is_live boolean;
  -- By the account's number: its balance, what is held of it, what of that others hold, and whether the session is, or
  -- becomes, its holder.
  balance_was numeric[]; balance_now numeric[];
  out_now numeric[]; in_now numeric[];
  others_out numeric[]; others_in numeric[];
  is_holder boolean[];
  is_posted boolean[] := array_fill(false, ARRAY[cardinality(ids)]);
  -- The operation at hand.
  kind integer; source integer; target integer; amount_out numeric; amount_in numeric;
  letters text[] := array_fill('d'::text, ARRAY[cardinality(kinds)]);
  answer text;
BEGIN
  SELECT * INTO its FROM sessions WHERE id = session_id FOR UPDATE;
  IF its.id IS NULL THEN
    RETURN '1';
  ELSIF batch < its.seq THEN
    RETURN '2';
  ELSIF batch > its.seq + 1 THEN
    RETURN '3';
  END IF;
  moment := clock_timestamp();
  is_live := its.ended IS NULL AND moment - its.seen < its.lease;
  IF is_live THEN
    its.seen := moment;
  END IF;
  IF batch = its.seq THEN
    UPDATE sessions SET seen = its.seen WHERE id = session_id;
    RETURN its.outcomes;
  END IF;

  SELECT
    array_agg(balance), array_agg(held_out), array_agg(held_in),
    array_agg(held_out - CASE WHEN holder = session_id THEN holder_out ELSE coalesce((own).held_out, 0) END),
    array_agg(held_in - CASE WHEN holder = session_id THEN holder_in ELSE coalesce((own).held_in, 0) END),
    array_agg(CASE WHEN holder IS NULL THEN own IS NULL AND its.ended IS NULL ELSE holder = session_id END)
  INTO balance_was, out_now, in_now, others_out, others_in, is_holder
  FROM (
    SELECT *, CASE WHEN holder IS DISTINCT FROM session_id THEN
      (SELECT h FROM holds h WHERE h.session = session_id AND h.account = locked.account)
    END AS own
    FROM (
      SELECT * FROM unnest(ids) WITH ORDINALITY AS named (id, number) JOIN balances ON account = id
      ORDER BY account FOR UPDATE OF balances
    ) AS locked
    ORDER BY number
  ) AS found;
  IF coalesce(cardinality(balance_was), 0) < cardinality(ids) THEN
    RETURN '4';
  END IF;
  balance_now := balance_was;

  FOR i IN 1 .. cardinality(kinds) LOOP
    kind := kinds[i];
    source := account_of[sources[i]]; amount_out := amounts_out[i];
    target := account_of[targets[i]]; amount_in := amounts_in[i];
    IF kind = 0 THEN
      IF NOT is_live THEN
        letters[i] := 's';
      ELSIF balance_now[source] - out_now[source] - amount_out < minimum[sources[i]] THEN
        letters[i] := 'm';
      ELSIF maximum[targets[i]] IS NOT NULL
        AND balance_now[target] + in_now[target] + amount_in > maximum[targets[i]] THEN
        letters[i] := 'x';
      ELSE
        out_now[source] := out_now[source] + amount_out;
        in_now[target] := in_now[target] + amount_in;
      END IF;
    ELSE
      IF its.ended IS NOT NULL
        OR out_now[source] - others_out[source] < amount_out OR in_now[target] - others_in[target] < amount_in
      THEN
        letters[i] := CASE kind WHEN 1 THEN 'l' ELSE 'n' END;
      ELSE
        out_now[source] := out_now[source] - amount_out;
        in_now[target] := in_now[target] - amount_in;
      END IF;
      IF kind = 1 THEN
        balance_now[source] := balance_now[source] - amount_out;
        balance_now[target] := balance_now[target] + amount_in;
        is_posted[source] := true;
        is_posted[target] := true;
      END IF;
    END IF;
  END LOOP;

  answer := array_to_string(letters, '');
  UPDATE sessions SET seq = batch, outcomes = answer, seen = its.seen WHERE id = session_id;
  UPDATE balances SET
    balance = balance_now[i], held_out = out_now[i], held_in = in_now[i],
    holder = CASE WHEN is_holder[i] THEN session_id ELSE holder END,
    holder_out = CASE WHEN is_holder[i] THEN out_now[i] - others_out[i] ELSE holder_out END,
    holder_in = CASE WHEN is_holder[i] THEN in_now[i] - others_in[i] ELSE holder_in END
  FROM unnest(ids) WITH ORDINALITY AS named (id, i)
  WHERE account = id;
  IF its.ended IS NULL AND false = ANY (is_holder) THEN
    INSERT INTO holds
    SELECT session_id, id, out_now[i] - others_out[i], in_now[i] - others_in[i]
    FROM unnest(ids) WITH ORDINALITY AS named (id, i)
    WHERE NOT is_holder[i]
    ON CONFLICT ON CONSTRAINT holds_pkey DO UPDATE SET held_out = excluded.held_out, held_in = excluded.held_in;
  END IF;
  INSERT INTO positions AS p (code, scale, balance)
  SELECT codes[asset], scales[asset], posted
  FROM (
    SELECT asset_of[i] AS asset, sum(balance_was[i] - balance_now[i]) AS posted
    FROM generate_series(1, cardinality(ids)) AS i
    WHERE is_posted[i]
    GROUP BY 1
  ) AS moved
  ORDER BY codes[asset] COLLATE "C", scales[asset]
  ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE SET balance = p.balance + excluded.balance;
  RETURN answer;
END
$$;
`
