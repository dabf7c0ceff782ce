import { ClientError } from '../errors/client-error.ts';

const shownMax = 3;

/**
 * Some items of an administrative call failed, and the others were carried out. The code is that of
 * the first failure. Each call documents how its items are named, for instance by topic.
 */
export class ItemsFailed extends ClientError {
  readonly failed: ReadonlyMap<string, ClientError>;
  /** The results of the items that were carried out. */
  readonly succeeded: ReadonlyMap<string, unknown>;

  constructor(failed: ReadonlyMap<string, ClientError>, succeeded: ReadonlyMap<string, unknown>) {
    const [first] = failed.values();
    super(first?.code ?? 'broker_error', summary(failed, failed.size + succeeded.size), { cause: first });
    this.name = 'ItemsFailed';
    this.failed = failed;
    this.succeeded = succeeded;
  }
}

function summary(failed: ReadonlyMap<string, ClientError>, all: number): string {
  const messages = [...failed.values()].slice(0, shownMax).map(({ message }) => message);
  if (all === 1) return messages.join();
  const others = failed.size > shownMax ? ` and ${failed.size - shownMax} more` : '';
  return `${failed.size} of ${all} failed: ${messages.join('; ')}${others}`;
}
