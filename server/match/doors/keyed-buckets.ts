import { TokenBucket } from "../../../protocol/token-bucket.ts";

export interface BucketRate {
	readonly perSecond: number;
	readonly burst: number;
}

/**
 * A token bucket for each key, in two generations: who has not been asked for while a bucket fills up, or while
 * half as many others came as there is room for, is forgotten. So each question costs the same, however many
 * keys a flood makes up; taking the oldest out of one map does not, as a map steps over what was taken out.
 */
export class KeyedBuckets {
	private young = new Map<string, TokenBucket>();
	private old = new Map<string, TokenBucket>();
	private readonly rate: BucketRate;
	private readonly mostYoung: number;
	private readonly fullMs: number;
	private turnedMs = Number.NEGATIVE_INFINITY;

	constructor(rate: BucketRate, most: number) {
		this.rate = rate;
		this.mostYoung = Math.max(1, most >> 1);
		this.fullMs = (1000 * rate.burst) / rate.perSecond;
	}

	get size(): number {
		return this.young.size + this.old.size;
	}

	/** Takes one of this key's; false when there is none. */
	take(key: string, nowMs: number): boolean {
		if (nowMs - this.turnedMs >= this.fullMs) this.turn(nowMs);
		let bucket = this.young.get(key);
		if (!bucket) {
			bucket = this.old.get(key) ?? new TokenBucket(this.rate.perSecond, this.rate.burst, nowMs);
			this.old.delete(key);
			if (this.young.size >= this.mostYoung) this.turn(nowMs);
			this.young.set(key, bucket);
		}
		return bucket.take(nowMs);
	}

	/** Whether there is one, without taking it. */
	has(key: string, nowMs: number): boolean {
		return (this.young.get(key) ?? this.old.get(key))?.has(nowMs) ?? true;
	}

	private turn(nowMs: number): void {
		this.old = this.young;
		this.young = new Map();
		this.turnedMs = nowMs;
	}
}
