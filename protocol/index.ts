export { type Descriptor, readDescriptor } from "./abi/descriptor.ts";
export { Simulation } from "./abi/simulation.ts";
export { stateHash } from "./abi/state-hash.ts";
export { CLOSE_CODES, type CloseName } from "./errors.ts";
export { LIMITS } from "./limits.ts";
export { decodeClientMessage, encodeClientMessage } from "./messages/client-message.ts";
export { decodeServerMessage } from "./messages/server-message.ts";
