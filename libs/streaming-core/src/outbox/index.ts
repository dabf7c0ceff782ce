export { appendToOutbox } from './append.ts';
export { OutboxError, type OutboxErrorCode } from './outbox-error.ts';
export type { AppendToOutbox, OutboxMessage } from './outbox.ts';
