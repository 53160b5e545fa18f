/** The ctx struct of the ABI, 64 bytes: the host writes it before every tick. */
// @ts-ignore: decorator
@lazy export const CTX: usize = memory.data(64, 16);

export class ctx {
	/** Number of the tick being computed, from 0. */
	@inline static get tick(): u32 {
		return load<u32>(CTX);
	}

	/** Seconds of one tick. */
	@inline static get dt(): f32 {
		return load<f32>(CTX, 16);
	}

	/** True while a client predicts: the world holds only what the server has shown. */
	@inline static get predicting(): bool {
		return (load<u32>(CTX, 12) & 1) != 0;
	}
}
