/** The `EventStore` of a service's own streams. */
export const EVENT_STORE = Symbol('EventStore');
/** The `FoldingByPrefix` of the service's streams. */
export const FOLDINGS = Symbol('FoldingByPrefix');
/** The `Rebuilds` of the service's inline read models. */
export const REBUILDS = Symbol('Rebuilds');
