-- One row for each result that was taken; its key makes sure that none is taken twice.
CREATE TABLE IF NOT EXISTS results (
	key text PRIMARY KEY,
	room text NOT NULL,
	game text NOT NULL,
	name text NOT NULL,
	tick bigint NOT NULL,
	player text,
	fields jsonb NOT NULL,
	taken_at timestamptz NOT NULL DEFAULT now()
);

-- What results do: here, wins add up.
CREATE TABLE IF NOT EXISTS players (
	name text PRIMARY KEY,
	matches bigint NOT NULL DEFAULT 0
);
