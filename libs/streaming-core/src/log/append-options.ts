export interface AppendOptions {
  /**
   * `coordinator`: a batch without sequences that the broker writes in a client's transaction.
   * Default: `client`.
   */
  readonly origin?: 'client' | 'coordinator';
  /**
   * True if the transaction coordinator has added the partition to the producer's ongoing
   * transaction. Otherwise the batch may only continue a transaction that is already open on the
   * partition.
   */
  readonly inTransaction?: boolean;
}
