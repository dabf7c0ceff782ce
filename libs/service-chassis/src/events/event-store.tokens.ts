/** The `EventStore` of a service's own streams. */
export const EVENT_STORE = Symbol('EventStore');
/** The `Rebuilds` of the service's inline read models. */
export const REBUILDS = Symbol('Rebuilds');
