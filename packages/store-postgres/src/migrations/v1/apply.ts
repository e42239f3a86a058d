/**
 * Applies a batch in one step. Accounts, assets, and accounts with the limits that they came with, are numbered from 1;
 * an operation is a kind (0 reserve, 1 commit, 2 release), such an account for each side, and both amounts. All that is
 * touched is read into arrays, the operations walk over these, and what has changed is written at the end, once.
 *
 * Returns the outcomes, a letter for each operation; or why nothing was applied, as a number.
 */
export const APPLY = `
CREATE FUNCTION apply(
  session_id text, batch bigint,
  ids text[], asset_of integer[], codes text[], scales integer[],
  account_of integer[], minimum numeric[], maximum numeric[],
  kinds integer[], sources integer[], targets integer[], amounts_out numeric[], amounts_in numeric[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  session sessions;
  moment timestamptz;
  is_live boolean;
  -- By the account's number: its balance, what is held of it, and what the session itself holds; now and before.
  balance_now numeric[]; balance_was numeric[];
  held_out_now numeric[]; held_out_was numeric[]; held_in_now numeric[]; held_in_was numeric[];
  own_out_now numeric[]; own_out_was numeric[]; own_in_now numeric[]; own_in_was numeric[];
  is_posted boolean[] := array_fill(false, ARRAY[cardinality(ids)]);
  -- The operation at hand.
  kind integer; source integer; target integer; amount_out numeric; amount_in numeric;
  letters text[] := '{}';
  letter text;
  answer text;
BEGIN
  SELECT * INTO session FROM sessions WHERE id = session_id FOR UPDATE;
  IF session.id IS NULL THEN
    RETURN '1';
  ELSIF batch < session.seq THEN
    RETURN '2';
  ELSIF batch > session.seq + 1 THEN
    RETURN '3';
  END IF;
  moment := clock_timestamp();
  is_live := session.ended IS NULL AND moment - session.seen < session.lease;
  IF is_live THEN
    session.seen := moment;
  END IF;
  IF batch = session.seq THEN
    UPDATE sessions SET seen = session.seen WHERE id = session_id;
    RETURN session.outcomes;
  END IF;

  PERFORM lock_accounts(ids);
  SELECT
    array_agg(b.balance ORDER BY number),
    array_agg(b.held_out ORDER BY number), array_agg(b.held_in ORDER BY number),
    array_agg(coalesce(h.held_out, 0) ORDER BY number), array_agg(coalesce(h.held_in, 0) ORDER BY number)
  INTO balance_was, held_out_was, held_in_was, own_out_was, own_in_was
  FROM unnest(ids) WITH ORDINALITY AS named (id, number)
  JOIN balances b ON b.account = id
  LEFT JOIN holds h ON h.session = session_id AND h.account = id;
  balance_now := balance_was; held_out_now := held_out_was; held_in_now := held_in_was;
  own_out_now := own_out_was; own_in_now := own_in_was;

  FOR i IN 1 .. cardinality(kinds) LOOP
    kind := kinds[i];
    source := account_of[sources[i]]; amount_out := amounts_out[i];
    target := account_of[targets[i]]; amount_in := amounts_in[i];
    IF kind = 0 THEN
      IF NOT is_live THEN
        letter := 's';
      ELSIF balance_now[source] - held_out_now[source] - amount_out < minimum[sources[i]] THEN
        letter := 'm';
      ELSIF balance_now[target] + held_in_now[target] + amount_in > maximum[targets[i]] THEN
        letter := 'x';
      ELSE
        letter := 'd';
        held_out_now[source] := held_out_now[source] + amount_out;
        own_out_now[source] := own_out_now[source] + amount_out;
        held_in_now[target] := held_in_now[target] + amount_in;
        own_in_now[target] := own_in_now[target] + amount_in;
      END IF;
    ELSE
      IF session.ended IS NOT NULL OR own_out_now[source] < amount_out OR own_in_now[target] < amount_in THEN
        letter := CASE kind WHEN 1 THEN 'l' ELSE 'n' END;
      ELSE
        letter := 'd';
        held_out_now[source] := held_out_now[source] - amount_out;
        own_out_now[source] := own_out_now[source] - amount_out;
        held_in_now[target] := held_in_now[target] - amount_in;
        own_in_now[target] := own_in_now[target] - amount_in;
      END IF;
      IF kind = 1 THEN
        balance_now[source] := balance_now[source] - amount_out;
        balance_now[target] := balance_now[target] + amount_in;
        is_posted[source] := true;
        is_posted[target] := true;
      END IF;
    END IF;
    letters[i] := letter;
  END LOOP;

  answer := array_to_string(letters, '');
  UPDATE sessions SET seq = batch, outcomes = answer, seen = session.seen WHERE id = session_id;
  UPDATE balances b SET balance = l.balance, held_out = l.held_out, held_in = l.held_in
  FROM unnest(ids, balance_now, held_out_now, held_in_now, balance_was, held_out_was, held_in_was)
    AS l (id, balance, held_out, held_in, balance_was, held_out_was, held_in_was)
  WHERE b.account = l.id
    AND (l.balance <> l.balance_was OR l.held_out <> l.held_out_was OR l.held_in <> l.held_in_was);
  INSERT INTO holds
  SELECT session_id, id, own.held_out, own.held_in
  FROM unnest(ids, own_out_now, own_in_now, own_out_was, own_in_was)
    AS own (id, held_out, held_in, held_out_was, held_in_was)
  WHERE own.held_out <> own.held_out_was OR own.held_in <> own.held_in_was
  ON CONFLICT ON CONSTRAINT holds_pkey DO UPDATE SET held_out = excluded.held_out, held_in = excluded.held_in;
  INSERT INTO positions AS p (code, scale, balance)
  SELECT codes[asset], scales[asset], sum(l.balance_was - l.balance)
  FROM unnest(asset_of, balance_now, balance_was, is_posted) AS l (asset, balance, balance_was, is_posted)
  WHERE l.is_posted
  GROUP BY 1, 2
  ORDER BY codes[asset] COLLATE "C", scales[asset]
  ON CONFLICT ON CONSTRAINT positions_pkey DO UPDATE SET balance = p.balance + excluded.balance;
  RETURN answer;
END
$$;
`
