import type { RecordContext } from '../processor/record.ts';

/** A node that has thrown, and the record on which it was working. */
export interface NodeFailure {
  readonly nodeName: string;
  readonly error: unknown;
  /** The context of the work. In a punctuation its topic is ''. */
  readonly context: RecordContext;
}

/**
 * Decides what happens to the record of a node that has thrown (KIP-1033). If it returns, the node
 * is finished with the record: its parent continues, and the other children get the record. If it
 * throws, no other node gets it, and the work since the last commit must be given up.
 */
type NodeFailurePolicy = (failure: NodeFailure) => void;

/** A serde that has thrown on a record for this topic. */
export interface EncodingFailure {
  readonly topic: string;
  readonly error: unknown;
  readonly context: RecordContext;
}

/**
 * Decides what happens to a record that a serde could not encode. If it returns, the record is not
 * written. If it throws, the node above the sink has failed, as in Kafka Streams.
 */
type EncodingFailurePolicy = (failure: EncodingFailure) => void;

export interface FailurePolicies {
  readonly onNodeFailure: NodeFailurePolicy;
  readonly onEncodingFailure: EncodingFailurePolicy;
}

/** Throws the error unchanged. */
export const throwFailure = ({ error }: { readonly error: unknown }): void => {
  throw error;
};
