/** Every maximum of coming in, each with its reason. */
export const MATCH_LIMITS = {
	// --- store ---------------------------------------------------------------------------------
	/** Bytes of a key: a space's word, a slash, and a name of 64 bytes or a digest. */
	storeKeyBytes: 160,
	/** Bytes of a value: a listing with 1 KiB of metadata, or a match of 64 players. */
	storeValueBytes: 16 * 1024,
	/** Entries of one space: 15 s of 10,000 joins a second; 100 MB at worst. */
	storeEntries: 150_000,
	/** Changes of one commit: a match of 100 players, and whatever belongs to it. */
	storeChanges: 256,

	/** How long an answer of a store on another machine is waited for, ms: a failover takes longer, a join must not. */
	storeAnswerMs: 2_000,
	/** Time between two looks whether a quiet line to it still stands, ms. */
	storePingMs: 5_000,
	/** Longest time between two tries to reach it again, ms. */
	storeRetryMs: 2_000,
	/** Questions that wait for it: two seconds of 5,000 joins. */
	storeQueue: 10_000,

	// --- identity ------------------------------------------------------------------------------
	/** Characters of a JWT: what proxies let through as a header. */
	tokenChars: 8_192,
	/** Bytes of a user's id: a UUID, an address of mail, a URL of a person. */
	userBytes: 128,
	/** Bytes of the claims that go along with a user. */
	claimBytes: 2_048,
	/** Roles of a user, and characters of each. */
	roles: 16,
	roleChars: 32,
	/** Characters of a secret at least: 256 bits of a good generator's hex or base64 are more. */
	secretChars: 32,
	/** Secrets that hold at the same time: today's and yesterday's, and a mistake. */
	secrets: 4,
	/** Difference of clocks that is let pass, s. */
	skewSeconds: 30,
	/** A file with keys is looked at again after so long, ms. */
	keyFileMs: 5_000,
	/** Keys that somebody else publishes: how long they are kept, so that one that was withdrawn goes; how long
	 * they are waited for; and how often a key that nobody knows has them asked for at most, ms. */
	jwksKeptMs: 600_000,
	jwksTimeoutMs: 5_000,
	jwksCooldownMs: 30_000,
	/** Time from the answer of `POST /join` to the hello, ms: a module that loads on a slow line. */
	ticketMs: 15_000,
	/** Bytes of a ticket: what a hello has room for. */
	ticketBytes: 128,
	/** Bytes of a room's id in a ticket: what is left of those 128. */
	ticketRoomBytes: 48,

	// --- doors ---------------------------------------------------------------------------------
	/** Addresses that are remembered at once: 100 bytes each. */
	addresses: 100_000,
	/** Networks in a list of proxies, or of bans. */
	networks: 1_024,
	bans: 10_000,
	/** Characters of what is written beside a ban. */
	banReasonChars: 200,
	/** Proxies in a chain of `X-Forwarded-For` that are looked through. */
	forwarders: 16,
	/** Refused sockets whose end is waited for, so that the reason arrives; a flood's are cut. */
	refusedSockets: 64,
	/** Origins that may be allowed. */
	origins: 64,

	// --- queues --------------------------------------------------------------------------------
	/** Queues of a server. */
	queues: 32,
	/** Players of a match that a queue makes: all of them are changed in one commit. */
	matchPlayers: 64,
	/** Regions of a queue, and wishes of a player. */
	regions: 16,
	/** Those who wait in one queue at once: a cycle looks at all of them. */
	waiting: 10_000,
	/** A queue's leader is gone when it has not said otherwise for so long, ms. */
	leadMs: 3_000,
	/** Time between two cycles, ms: what a player waits more at worst. */
	cycleMs: 500,
	/** What became of a ticket can be asked for so long, ms. */
	outcomeMs: 30_000,
	/** A match that finds no room is given up after so long, ms. */
	placeMs: 10_000,
	/** A match without a word from its room is forgotten, ms. */
	matchMs: 60_000,

	// --- lobby ---------------------------------------------------------------------------------
	/** Bytes of what is said of a room, as JSON. */
	metadataBytes: 1_024,
	/** Rooms in one answer; half of it unless asked for. */
	listRooms: 100,
	/** Characters and terms of a question, values of a term, fields to sort by: 5,000 rooms stay under 5 ms. */
	queryChars: 512,
	queryTerms: 8,
	queryChoices: 16,
	querySorts: 4,
	/** Characters of a room's password. */
	passwordChars: 64,
	/** Rooms that one user or address has opened by asking and that are open. */
	ownRooms: 8,
	/** Lists that are watched at once; each is sent what has changed so often at most, ms. */
	watchedLists: 1_000,
	listMs: 500,
	/** Bytes that wait for one who watches and does not read, until it is let go. */
	listBytes: 262_144,
	/** Bytes of a request to come in. */
	bodyBytes: 4_096,
} as const;
