import type { AnyFolding, PostgresEventStore, Rebuilds } from '@millrace/event-sourcing';
import { token } from '../../ground/provide.ts';

/** How a service folds its streams, by what their names begin with, such as `order-`. */
export type FoldingByPrefix = Readonly<Record<string, AnyFolding>>;

/** The store of a service's own streams. */
export const EVENT_STORE = token<PostgresEventStore>('EventStore');
export const FOLDINGS = token<FoldingByPrefix>('FoldingByPrefix');
/** The rebuilds of the service's inline read models. */
export const REBUILDS = token<Rebuilds>('Rebuilds');
