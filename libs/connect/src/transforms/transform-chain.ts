import type { ConnectRecord } from '../record/records.ts';
import type { Transform } from '../plugin/transform.ts';
import type { Predicate } from './routing.ts';

/** One step of `transforms`, with its predicate. */
export interface TransformStep {
  readonly class: string;
  readonly transform: Transform;
  readonly applies?: Predicate;
}

/** A transform has failed. The error names it for the headers of a dead letter. */
export class TransformFailed extends Error {
  override name = 'TransformFailed';
  readonly transformClass: string;

  constructor(transformClass: string, cause: Error) {
    super(cause.message, { cause });
    this.transformClass = transformClass;
  }
}

/** Applies the steps one after another. Returns undefined once one of them leaves the record out. */
export function transformed<Changed extends ConnectRecord>(
  steps: readonly TransformStep[],
  record: Changed,
): Changed | undefined {
  let current: Changed | undefined = record;
  for (const { class: name, transform, applies } of steps) {
    if (applies !== undefined && !applies(current)) continue;
    try {
      current = transform.apply<Changed>(current);
    } catch (error) {
      throw new TransformFailed(name, error as Error);
    }
    if (current === undefined) return undefined;
  }
  return current;
}
