import { z } from 'zod';

/**
 * How the services fulfil an order: a saga in order directs them (`orchestrated`), or each reacts to
 * the events of the others (`choreographed`).
 */
export const orderStyle = z.enum(['orchestrated', 'choreographed']);
export type OrderStyle = z.infer<typeof orderStyle>;

export const choreographed = z.literal('choreographed');

/** The `saga` attribute of every message that a choreographed order causes. */
export const choreography = 'choreography';
