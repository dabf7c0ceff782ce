/**
 * Version 1 of the transaction protocol is that of KIP-98. Version 2 is that of KIP-890, with which
 * a late request of an earlier transaction can never become part of a later one.
 */
export type TransactionProtocol = 1 | 2;

/**
 * The newest request versions of protocol 1. The version of a request tells the broker which
 * protocol applies.
 */
export const versionsBefore = { produce: 11, txnOffsetCommit: 4, endTxn: 4, addPartitionsToTxn: 3 } as const;
