/** About a batch, beside its bytes. */
export interface AppendOptions {
  /** `coordinator`: the broker's own batch in a client's transaction, without sequences. Default `client`. */
  readonly origin?: 'client' | 'coordinator';
  /** The transaction coordinator has the partition in the producer's ongoing transaction; without it only one that is open here goes on (X8). */
  readonly inTransaction?: boolean;
}
