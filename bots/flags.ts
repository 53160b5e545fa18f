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

  Plays with many bots over WebSocket and measures what they get. Times are written 30s, 1m30s or 500ms.

Where
  --url URL            server (ws://127.0.0.1:8080)                              also --endpoint
  --game NAME          game (arena)
  --room ID            room to join (any with a free seat, new ones as they fill) also --room-id
  --rooms N            have the server open N rooms; --clients then counts each room's
  --admin-token TOKEN  for --rooms (or HOTSTEP_ADMIN_TOKEN in the environment)

How many, how long
  --clients N          bots (100, or 10 in each room)                 also --count, --vus, -u, --num-clients
  --duration T         time to measure, once all have connected (10s)          also --seconds, -d
  --ramp-up T          spread the joins over this time; or
  --rate N             joins per second (200); or
  --delay T            time between two joins
  --warm-up T          time after the last join that is not measured (1s)

What goes wrong, while it measures
  --churn N            players per second who leave and come back as others; or
  --session T          how long a player stays, on average
  --storm SHARE        break this share (20% or 0.2) of all connections at once
  --storm-every T      how often (10s)
  --slow-readers SHARE bots that stop to read now and then
  --slow-for T         for so long (3s)
  --slow-every T       this often (10s)
  --latency T          delay of each client's link, one way; a range such as 20-120ms draws one for each
  --jitter T           each message takes up to so much longer

How they play
  --send-rate N        input messages per second of a bot (30, as the client SDK)
  --behaviour FILE     JavaScript module that exports how to play (the game's own, else by its inputs)
  --decode WHO         who decodes snapshots in full: one bot of each room and thread, all, or none (one)
  --seed N             seed of what the bots do (random)
  --workers N          threads to play from (one for each 1500 bots, at most one for each core)

What comes of it
  --json FILE          write the figures there, - for stdout
  --html FILE          write a report with plots there, one file that needs no network
  --fail-on EXPR       fail when this holds, such as 'snapshotGapMs.p99>75'; may be repeated
  --find-capacity      search for the most clients for whom no --fail-on holds (docs/load-testing.md)
  --start-clients N    where to begin the search (32)
  --max-clients N      where to end it (10000, or all of --rooms)

Exit codes: 0 all is well · 1 the run could not be done (ERR_CONFIG says why, or nobody could connect)
· 99 a bot was refused, lost its connection, could not come back or read a snapshot, or a --fail-on holds.
`;
