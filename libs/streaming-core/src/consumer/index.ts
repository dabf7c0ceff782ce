export { ConsumerError, FencedError, TerminalError, type ConsumerErrorCode } from './consumer-error.ts';
export type { ConsumerRuntime, LockStreams, MessageContext, MessageHandler, OwnedPartition, OwnershipListener } from './types.ts';
