import type { Admin, CommittedOffset } from '@millrace/streaming-core/client';
import { OperationFailed } from './errors.ts';

/**
 * Whether a service keeps the offsets in its database. The broker then has only copies, with a note
 * that names the database.
 */
export const areCopies = (offsets: readonly Pick<CommittedOffset, 'metadata'>[]): boolean =>
  offsets.some(({ metadata }) => metadata?.startsWith('{"store":') === true);

/**
 * Rejects for a group whose offsets are copies. If a copy moved forwards, the service would refuse its
 * partitions.
 */
export async function refuseCopies(admin: Admin, group: string): Promise<void> {
  if (areCopies(await admin.groups.offsets(group)))
    throw new OperationFailed(
      `group ${group} keeps its offsets in the database of its service, and the broker has only copies: ` +
        'docs/operations/what-to-do.md, "Refused partitions", says when and how to change them',
    );
}
