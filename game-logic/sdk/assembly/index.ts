export { Column } from "./column";
export { ctx } from "./context";
export { Grid } from "./grid";
export { log, LogLevel } from "./log";
export { kick, refuse } from "./outbox";
export { random, randomAt, randomBetween, randomInt } from "./random";
