export type { ConsumerRuntime, LockStreams, MessageContext, MessageHandler, OwnedPartition, OwnershipListener } from './types.ts';
