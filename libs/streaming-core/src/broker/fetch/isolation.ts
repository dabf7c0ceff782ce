import { ProtocolError } from '../../protocol/errors.ts';

const readUncommitted = 0;
const readCommitted = 1;

interface Isolated {
  readonly isolationLevel: number;
}

/** Whether the client reads no records of open or aborted transactions. */
export const readsCommitted = ({ isolationLevel }: Isolated): boolean => isolationLevel === readCommitted;

export function checkIsolation({ isolationLevel }: Isolated): void {
  if (isolationLevel !== readUncommitted && isolationLevel !== readCommitted)
    throw new ProtocolError(
      'INVALID_REQUEST',
      `there is no isolation level ${isolationLevel}: give 0 (read_uncommitted) or 1 (read_committed)`,
    );
}
