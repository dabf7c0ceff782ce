/** Level 1 is KIP-98's protocol. Level 2 is KIP-890's, where a late request of an earlier transaction can never get into a later one. */
export type TransactionProtocol = 1 | 2;

/** By its version a request says which of the two it means: up to these it is the first. */
export const versionsBefore = { produce: 11, txnOffsetCommit: 4, endTxn: 4, addPartitionsToTxn: 3 } as const;
