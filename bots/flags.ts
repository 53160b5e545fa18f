/** Other names of flags, which users of this and other tools know: the flag that each stands for. */
export const ALIASES: Readonly<Record<string, string>> = {
	"--count": "clients",
	"--seconds": "duration",
	"--numClients": "clients",
	"--num-clients": "clients",
	"--vus": "clients",
	"-u": "clients",
	"-d": "duration",
	"--endpoint": "url",
	"--roomId": "room",
	"--room-id": "room",
};

export const BOTS_HELP = `hotstep bots [options]

  Plays with many bots over WebSocket and measures what they receive. Write times as 30s, 1m30s or 500ms.

Where
  --url URL            server (ws://127.0.0.1:8080)                              also --endpoint
  --game NAME          game (arena)
  --room ID            room to join (any with a free seat, new ones as they fill) also --room-id
  --rooms N            have the server open N rooms; --clients then counts per room
  --admin-token TOKEN  for --rooms (or HOTSTEP_ADMIN_TOKEN in the environment)

How many, how long
  --clients N          bots (100, or 10 in each room)                 also --count, --vus, -u, --num-clients
  --duration T         time to measure, once all bots have connected (10s)     also --seconds, -d
  --ramp-up T          spread the joins over this time; or
  --rate N             joins per second (200); or
  --delay T            time between two joins
  --warm-up T          time after the last join before measuring starts (1s)

Injected trouble, while measuring
  --churn N            players per second who are replaced by new ones; or
  --session T          how long a player stays, on average
  --storm SHARE        break this share (20% or 0.2) of all connections at once
  --storm-every T      how often (10s)
  --slow-readers SHARE share of bots that stop reading now and then
  --slow-for T         for how long (3s)
  --slow-every T       how often (10s)
  --latency T          one-way delay of each client's link; a range such as 20-120ms draws one per client
  --jitter T           maximum extra delay per message

How they play
  --send-rate N        input messages per second and bot (30, like the client SDK)
  --behaviour FILE     JavaScript module that exports a behaviour (the game's own, or random input)
  --decode WHO         who decodes snapshots in full: one bot per room and thread, all, or none (one)
  --seed N             seed of the bots' behaviour (random)
  --workers N          threads to play from (one per 1500 bots, at most one per core)

Results
  --json FILE          write the metrics to this file, - for stdout
  --html FILE          write a report with plots, one file that needs no network
  --fail-on EXPR       fail if this holds, such as 'snapshotGapMs.p99>75'; may be repeated
  --find-capacity      search for the most clients without a failure (docs/load-testing.md)
  --start-clients N    where to start the search (32)
  --max-clients N      where to end it (10000, or all of --rooms)

Exit codes: 0 success · 1 the run could not start or continue (ERR_CONFIG says why, or no bot could
connect) · 99 a bot was refused, disconnected, could not return or decode, or a --fail-on holds.
`;
