import type { PartitionLog } from '../log/partition-log-port.ts';
import { ProtocolError } from '../protocol/errors.ts';

const notGiven = -1;

/** Throws when the client has another leader epoch than ours, so that it refreshes its metadata. */
export function checkLeaderEpoch(log: PartitionLog, clientEpoch: number): void {
  if (clientEpoch === notGiven || clientEpoch === log.leaderEpoch) return;
  const name = clientEpoch < log.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
  throw new ProtocolError(
    name,
    `leader epoch ${clientEpoch} was given, but the current one is ${log.leaderEpoch}`,
  );
}
