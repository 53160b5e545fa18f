export { CLOSE_CODES, type CloseName, isFinal } from "../protocol/errors.ts";
export type { EventViews, InputView, StateView, TableView } from "../protocol/schema/view-types.ts";
export { ConnectError, type ConnectOptions, connect } from "./connect.ts";
export type { Ending } from "./connection/close-reason.ts";
export type { SeatStore } from "./connection/seat-keeper.ts";
export {
	type OpenTransport,
	openWebSocket,
	type Transport,
	type TransportEvents,
} from "./connection/transport.ts";
export type { LoadModule } from "./prediction/load-module.ts";
export type { PredictionFigures } from "./prediction/prediction.ts";
export { Room } from "./room.ts";
export type { RoomStats, SnapshotReport } from "./room-stats.ts";
export type { RoomStatus } from "./view/room-view.ts";
