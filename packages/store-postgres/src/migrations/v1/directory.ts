/**
 * Changes of what stores hold in memory. Each locks the revision first, so that they follow one another, checks, counts
 * it up, and tells the change together with it. Those that change anything return the revision, the others 0 or why not.
 */
export const DIRECTORY = `
-- A notification has less than 8,000 octets: what is longer is told in parts, each with how many follow it.
CREATE FUNCTION announce(change text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  at_once CONSTANT integer := 1900;
  parts integer := greatest(1, (length(change) + at_once - 1) / at_once);
  revision_now bigint;
BEGIN
  UPDATE revision SET n = n + 1 RETURNING n INTO revision_now;
  FOR part IN 1 .. parts LOOP
    PERFORM pg_notify(
      current_schema() || '_changes',
      revision_now || ' ' || (parts - part) || ' ' || substr(change, (part - 1) * at_once + 1, at_once)
    );
  END LOOP;
  RETURN revision_now;
END
$$;

CREATE FUNCTION put_account(
  its_id text, its_username text, its_code text, its_scale integer, its_content text, change text
) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM revision FOR UPDATE;
  IF EXISTS (SELECT FROM retired_accounts WHERE id = its_id) THEN
    RETURN 'id-retired';
  END IF;
  IF EXISTS (SELECT FROM accounts WHERE id = its_id AND (code <> its_code OR scale <> its_scale)) THEN
    RETURN 'asset-fixed';
  END IF;
  IF EXISTS (SELECT FROM accounts WHERE username = its_username AND id <> its_id) THEN
    RETURN 'username-taken';
  END IF;
  INSERT INTO accounts VALUES (its_id, its_username, its_code, its_scale, its_content)
  ON CONFLICT (id) DO UPDATE SET username = excluded.username, content = excluded.content;
  RETURN announce(change);
END
$$;

CREATE FUNCTION remove_account(its_id text, change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM revision FOR UPDATE;
  DELETE FROM accounts WHERE id = its_id;
  IF NOT FOUND THEN
    RETURN 0;
  END IF;
  INSERT INTO retired_accounts VALUES (its_id);
  DELETE FROM tokens WHERE account = its_id;
  DELETE FROM texts WHERE kind = 'outgoing' AND key IN ('btp ' || its_id, 'http ' || its_id);
  RETURN announce(change);
END
$$;

CREATE FUNCTION set_incoming(its_account text, its_link text, hashes text[], candidates text[], change text)
RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM revision FOR UPDATE;
  IF EXISTS (SELECT FROM tokens WHERE hash = ANY (candidates) AND account <> its_account) THEN
    RETURN 'token-taken';
  END IF;
  DELETE FROM tokens WHERE account = its_account AND link = its_link;
  INSERT INTO tokens SELECT hash, its_link, its_account FROM unnest(hashes) AS hash;
  RETURN announce(change);
END
$$;

-- Without a content the text is removed.
CREATE FUNCTION set_text(its_kind text, its_key text, its_content text, change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM revision FOR UPDATE;
  IF its_content IS NOT NULL THEN
    INSERT INTO texts VALUES (its_kind, its_key, its_content)
    ON CONFLICT (kind, key) DO UPDATE SET content = excluded.content;
  ELSE
    DELETE FROM texts WHERE kind = its_kind AND key = its_key;
    IF NOT FOUND THEN
      RETURN 0;
    END IF;
  END IF;
  RETURN announce(change);
END
$$;

CREATE FUNCTION set_rates(as_of numeric, its_content text, change text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM revision FOR UPDATE;
  IF EXISTS (
    SELECT FROM texts WHERE kind = 'node' AND key = 'rates' AND (content::json ->> 'asOfMs')::numeric >= as_of
  ) THEN
    RETURN 0;
  END IF;
  RETURN set_text('node', 'rates', its_content, change);
END
$$;

-- Everything as of one moment.
CREATE FUNCTION read_directory() RETURNS TABLE (kind text, key text, content text) LANGUAGE sql STABLE AS $$
  SELECT 'revision', '', n::text FROM revision
  UNION ALL SELECT 'accounts', id, accounts.content FROM accounts
  UNION ALL
  SELECT 'incoming', link || ' ' || account, json_agg(hash ORDER BY hash)::text FROM tokens GROUP BY link, account
  UNION ALL SELECT texts.kind, texts.key, texts.content FROM texts
$$;
`
