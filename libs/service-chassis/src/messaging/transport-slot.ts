import type { ConsumerTransport } from './consumer-transport.ts';

/** Where a service that consumes leaves its transport for the start to find; empty in a service that only serves HTTP. */
export interface TransportSlot {
  transport?: ConsumerTransport;
}

export const TRANSPORT_SLOT = Symbol('TransportSlot');
