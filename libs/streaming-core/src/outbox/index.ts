export type { AppendToOutbox, OutboxMessage } from './outbox.ts';
