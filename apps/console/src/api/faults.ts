import type { SupervisedProcess } from '@millrace/operations/contract';

/** A part of the stack that runs as a process of its own. */
export type Part = SupervisedProcess;

export interface Parts {
  /** The parts of services come first. */
  readonly parts: readonly Part[];
}
