/**
 * A running hash of everything that was sent, by whom and when: two runs that agree in it went the same
 * way (FNV-1a, two streams of 32 bits).
 */
export class SentHash {
	messages = 0;
	bytes = 0;
	private a = 0x811c9dc5;
	private b = 0xc9dc5118;
	private readonly head = new Float64Array(2);
	private readonly headBytes = new Uint8Array(this.head.buffer);

	/** `lane` tells one direction of one connection from all others. */
	add(atMs: number, lane: number, message: Uint8Array): void {
		this.messages++;
		this.bytes += message.length;
		this.head[0] = atMs;
		this.head[1] = lane;
		this.mix(this.headBytes);
		this.mix(message);
	}

	get hex(): string {
		const word = (n: number): string => (n >>> 0).toString(16).padStart(8, "0");
		return word(this.a) + word(this.b);
	}

	private mix(bytes: Uint8Array): void {
		let { a, b } = this;
		for (let i = 0; i < bytes.length; i++) {
			const byte = bytes[i];
			a = Math.imul(a ^ byte, 0x01000193);
			b = Math.imul(b ^ byte, 0x01000197) + (a >>> 15);
		}
		this.a = a;
		this.b = b | 0;
	}
}
