/** The `EventStore` of a service's own streams. */
export const EVENT_STORE = Symbol('EventStore');
/** The `Recorder` of the service's decisions, without the sagas that they start. */
export const RECORDER = Symbol('Recorder');
/** The `FoldingByPrefix` of the service's streams. */
export const FOLDINGS = Symbol('FoldingByPrefix');
/** The `Rebuilds` of the service's inline read models. */
export const REBUILDS = Symbol('Rebuilds');
