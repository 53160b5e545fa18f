import { LIMITS } from "../../protocol/limits.ts";
import { SERVER_LIMITS } from "../limits.ts";
import { DOOR_LIMITS } from "../match/doors/doors.ts";

export const START_HELP = `hotstep start [FILE.wasm …] [options]

  Serves games. Without files, serves the games built into this installation, with the demo page.

  --host HOST          address to listen on (127.0.0.1; or HOST in the environment)
  --port PORT          port, 0 for any free one (8080; or PORT in the environment)
  --page DIR           serve the page in this folder, as written by hotstep build
  --no-page            serve no page
  --admin-token TOKEN  enable /admin and /monitor for requests with this token
  --admin-token-file FILE  read the token from a file, since all users of a machine can read command lines
  --admin-remote       accept admin requests from other machines too
  --workers N          run rooms in N worker processes, to use all cores and to survive crashes; 0: in
                       this process (one for each core)
  --no-balance         leave rooms where they are when a worker has too much to do
  --max-connections N  maximum number of clients (${SERVER_LIMITS.connections}, or what file descriptors allow)
  --allow-origin LIST  pages of other origins that may connect, such as https://play.example, or * for all;
                       pages that this server serves always may
  --trust-proxy LIST   take the client's address from X-Forwarded-For when a proxy with one of these
                       addresses or networks says it; loopback and private are words for them
  --address-connections N  maximum number of clients from one address (${DOOR_LIMITS.connections})
  --limit-local        hold this machine's own pages and programs to origins and limits too
  --max-rooms N        maximum number of rooms (${SERVER_LIMITS.rooms})
  --empty-room S       seconds until an empty room closes (${LIMITS.emptyRoomMs / 1000})
  --hello-timeout S    seconds a socket may take to send its hello (${LIMITS.helloTimeoutMs / 1000})
  --silence S          seconds of silence after which a socket is dropped (${LIMITS.silenceMs / 1000})
  --metrics WHO        who may read /metrics: local (this machine, or with the admin token), all or
                       off (local)
  --on-fault POLICY    what to do with a room whose rules fail: retry (try again without inputs, then
                       close), pause or close (retry)
  --client-bytes N     maximum bytes per second to each client, near rows first
                       (${LIMITS.clientBytesPerSecond})
  --code-residuals     fewer bytes for more CPU: arithmetic coding of changes
  --seat-grace S       seconds to hold the seat of a player who lost the connection (${LIMITS.seatGraceMs / 1000})
  --data DIR           keep deployments in this folder across restarts (one per port in the system's
                       temporary folder); deploying requires --admin-token
  --hooks FILE         call the hooks that this module exports (game.hooks.mjs beside the only game.wasm, if there is one)
  --webhook URL        post every result to this address, signed with a secret: HOTSTEP_WEBHOOK_SECRET, or
  --webhook-secret-file FILE  the secret, at least 16 characters
  --durability WHAT    what a tick that was shown survives: process (a crash of the process; the default), disk
                       (a power failure too, but for the last 100 ms), confirmed (a power failure) or none
  --probation S        seconds after a swap in which a fault brings the old rules back (2, 30 at most)
  --retire N           stop giving rules to new rooms after N rooms failed in ten minutes (3)
  --record DIR         record a journal of every room in this folder, for hotstep replay
  --record-keep DAYS   delete journals that ended this many days ago
  --record-max SIZE    delete the oldest journals beyond this total, such as 500M or 20G
  --log LEVEL          debug, info, warn or error (info)

  Every flag has an environment variable: --seat-grace is HOTSTEP_SEAT_GRACE, a switch is 1 or 0. Flags win.
`;
