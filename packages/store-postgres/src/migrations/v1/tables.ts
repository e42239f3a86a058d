/** Texts compare octet by octet: all servers order accounts alike, whatever their locale. */
export const TABLES = `
-- Counts the changes of everything that stores hold in memory. One row.
CREATE TABLE revision (n bigint NOT NULL);
INSERT INTO revision VALUES (0);

CREATE TABLE accounts (
  id text COLLATE "C" PRIMARY KEY,
  username text COLLATE "C" NOT NULL UNIQUE,
  code text COLLATE "C" NOT NULL,
  scale integer NOT NULL,
  content text NOT NULL
);

CREATE TABLE retired_accounts (id text COLLATE "C" PRIMARY KEY);

-- Keyed hashes of incoming tokens.
CREATE TABLE tokens (
  hash text COLLATE "C",
  link text COLLATE "C",
  account text COLLATE "C" NOT NULL,
  PRIMARY KEY (hash, link)
);
CREATE INDEX tokens_of_account ON tokens (account, link);

-- Encrypted outgoing tokens, what is known of the node, static routes: by the table that they are in for the stores.
CREATE TABLE texts (
  kind text COLLATE "C",
  key text COLLATE "C",
  content text NOT NULL,
  PRIMARY KEY (kind, key)
);

CREATE TABLE sessions (
  id text COLLATE "C" PRIMARY KEY,
  lease interval NOT NULL,
  longest_hold interval NOT NULL,
  -- When it last gave a sign of life.
  seen timestamptz NOT NULL,
  ended timestamptz,
  -- The last batch applied, and what came of it.
  seq bigint NOT NULL DEFAULT 0,
  outcomes text NOT NULL DEFAULT ''
) WITH (fillfactor = 50);

-- Free room in each page lets rows be changed without touching the index.
CREATE TABLE balances (
  account text COLLATE "C" PRIMARY KEY,
  balance numeric NOT NULL DEFAULT 0,
  held_out numeric NOT NULL DEFAULT 0,
  held_in numeric NOT NULL DEFAULT 0,
  -- Of settlements received: less than a unit of the account, in the asset itself.
  leftover numeric NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- What each live session holds of the two totals.
CREATE TABLE holds (
  session text COLLATE "C",
  account text COLLATE "C",
  held_out numeric NOT NULL,
  held_in numeric NOT NULL,
  PRIMARY KEY (session, account)
) WITH (fillfactor = 50);

CREATE TABLE positions (
  code text COLLATE "C",
  scale integer,
  balance numeric NOT NULL DEFAULT 0,
  settled numeric NOT NULL DEFAULT 0,
  adjusted numeric NOT NULL DEFAULT 0,
  PRIMARY KEY (code, scale)
) WITH (fillfactor = 50);

-- Settlements that engines have not acknowledged.
CREATE TABLE outbox (
  account text COLLATE "C" PRIMARY KEY,
  key text COLLATE "C" NOT NULL UNIQUE,
  code text COLLATE "C" NOT NULL,
  scale integer NOT NULL,
  amount numeric NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY,
  created timestamptz NOT NULL
);

-- Settlements received, by the engines' keys. The quantity is in the asset itself.
CREATE TABLE credits (
  key text COLLATE "C" PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  quantity numeric NOT NULL,
  scale integer NOT NULL,
  credited numeric,
  used timestamptz NOT NULL
);
CREATE INDEX credits_by_age ON credits (used);

CREATE TABLE adjustments (
  key text COLLATE "C" PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  amount numeric NOT NULL,
  reason text NOT NULL,
  number bigint GENERATED ALWAYS AS IDENTITY,
  posted timestamptz NOT NULL
);
CREATE INDEX adjustments_of_account ON adjustments (account, number);
`
