import type { RecordContext } from '../processor/record.ts';

/** A node that has thrown, and what it was working on. */
export interface NodeFailure {
  readonly nodeName: string;
  readonly error: unknown;
  /** The record that the work stands for. In a punctuation its topic is ''. */
  readonly context: RecordContext;
}

/**
 * Decides what becomes of the record of a node that has thrown (KIP-1033). If it returns, the node is
 * done with the record: its parent goes on, and the other children get the record. If it throws, no
 * other node is asked, and the work since the last commit must be given up.
 */
type NodeFailurePolicy = (failure: NodeFailure) => void;

/** A serde that has thrown on a record for this topic. */
export interface EncodingFailure {
  readonly topic: string;
  readonly error: unknown;
  readonly context: RecordContext;
}

/**
 * Decides what becomes of a record that a serde could not encode. If it returns, the record is not
 * written. What it throws is a failure of the node above the sink, as in Kafka Streams.
 */
type EncodingFailurePolicy = (failure: EncodingFailure) => void;

export interface FailurePolicies {
  readonly onNodeFailure: NodeFailurePolicy;
  readonly onEncodingFailure: EncodingFailurePolicy;
}

/** Lets the error pass as it is. */
export const throwFailure = ({ error }: { readonly error: unknown }): void => {
  throw error;
};
