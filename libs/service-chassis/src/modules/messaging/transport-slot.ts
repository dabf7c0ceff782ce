import { token } from '../../ground/provide.ts';
import type { ConsumerTransport } from './consumer-transport.ts';

/**
 * Holds the transport of a service that consumes, until the start connects it. In a service that
 * only serves HTTP it stays empty.
 */
export interface TransportSlot {
  transport?: ConsumerTransport;
}

export const TRANSPORT_SLOT = token<TransportSlot>('TransportSlot');
