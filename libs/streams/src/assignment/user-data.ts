import { taskIdOf } from '../processor/task-id.ts';
import type { PartitionCounts } from './application-topics.ts';
import type { ProcessTasks } from './assign-tasks.ts';
import type { AssignmentErrorCode } from './assignment-error.ts';
import type { CopyRole, ProcessState, TaskCopy } from './task-copies.ts';

/** The user data that a process sends to the leader when it joins. */
export interface StreamsMember extends ProcessState {
  /**
   * Unix time in milliseconds. If two members have the same process id, the older one has crashed.
   */
  readonly startedAtMs: number;
}

const version = 1;

/**
 * Encodes a member as JSON: `{ version, processId, startedAtMs, tasks }`. `tasks` has `{ role, lag
 * }` by name.
 */
export function encodeMember({ copies, processId, startedAtMs }: StreamsMember): Buffer {
  const tasks = [...copies].map(([name, { role, lagRecords }]) => [name, { role, lag: lagRecords }]);
  const data = { version, processId, startedAtMs, tasks: Object.fromEntries(tasks) };
  return Buffer.from(JSON.stringify(data));
}

/** Returns undefined if the data is of another version or of another program. */
export function decodeMember(data: Buffer | null | undefined): StreamsMember | undefined {
  const decoded = objectIn(data);
  if (decoded === undefined || decoded.version !== version) return undefined;
  const { processId, startedAtMs } = decoded;
  const copies = copiesOf(decoded.tasks);
  if (typeof processId !== 'string' || !isCount(startedAtMs) || copies === undefined) return undefined;
  return { processId, startedAtMs, copies };
}

/** Reads a JSON object. Returns undefined for anything else. */
function objectIn(data: Buffer | null | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(String(data ?? '')));
  } catch {
    return undefined;
  }
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const roles: readonly unknown[] = ['active', 'standby', 'dormant'] satisfies readonly CopyRole[];
const isRole = (value: unknown): value is CopyRole => roles.includes(value);

function copiesOf(tasks: unknown): ReadonlyMap<string, TaskCopy> | undefined {
  const entries = asObject(tasks);
  if (entries === undefined) return undefined;
  const copies = new Map<string, TaskCopy>();
  for (const [name, value] of Object.entries(entries)) {
    const { role, lag } = asObject(value) ?? {};
    if (taskIdOf(name) === undefined || !isRole(role) || !isCount(lag)) return undefined;
    copies.set(name, { role, lagRecords: lag });
  }
  return copies;
}

/** The user data that the leader sends to a member. */
export type AssignmentData =
  | {
      readonly status: 'assigned';
      readonly tasks: ProcessTasks;
      /** The numbers of partitions that determined the tasks. */
      readonly counts: PartitionCounts;
      /** Whether this member asks for another rebalance later, because tasks will move. */
      readonly probe: boolean;
    }
  | { readonly status: 'refused'; readonly code: AssignmentErrorCode; readonly message: string };

const assignmentVersion = 2;

export function encodeAssignment(data: AssignmentData): Buffer {
  const counts = data.status === 'assigned' ? Object.fromEntries(data.counts) : undefined;
  return Buffer.from(JSON.stringify({ version: assignmentVersion, ...data, counts }));
}

/** Returns undefined if the leader has another version. */
export function decodeAssignment(data: Buffer | null | undefined): AssignmentData | undefined {
  const decoded = objectIn(data) as
    | (AssignmentData & { readonly version: unknown; readonly counts: Readonly<Record<string, number>> })
    | undefined;
  if (decoded?.version !== assignmentVersion) return undefined;
  if (decoded.status === 'refused')
    return { status: 'refused', code: decoded.code, message: decoded.message };
  const { tasks, probe, counts } = decoded;
  return { status: 'assigned', tasks, probe, counts: new Map(Object.entries(counts)) };
}
