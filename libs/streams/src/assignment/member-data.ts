import { taskIdOf } from '../processor/task-id.ts';
import type { CopyRole, ProcessState, TaskCopy } from './task-copies.ts';

/** The user data that a process sends to the leader when it joins. */
export interface StreamsMember extends ProcessState {
  /** Unix time in milliseconds. Of two members of a process, the older one is a crashed predecessor. */
  readonly startedAtMs: number;
  /** Where other processes reach its queries, such as `host:port`. */
  readonly endpoint?: string;
}

const version = 1;

/**
 * Encodes the member as JSON: `{ version, processId, startedAtMs, capacity, endpoint, tasks }`, where
 * tasks has by name `{ role, lag }`.
 */
export function encodeMember({ copies, processId, startedAtMs, capacity, endpoint }: StreamsMember): Buffer {
  const tasks = [...copies].map(([name, { role, lagRecords }]) => [name, { role, lag: lagRecords }]);
  const data = { version, processId, startedAtMs, capacity, endpoint, tasks: Object.fromEntries(tasks) };
  return Buffer.from(JSON.stringify(data));
}

/** Returns undefined if the data is of another version or of another program. */
export function decodeMember(data: Buffer | null | undefined): StreamsMember | undefined {
  const decoded = objectIn(data);
  if (decoded === undefined || decoded.version !== version) return undefined;
  const { processId, startedAtMs, capacity, endpoint } = decoded;
  const copies = copiesOf(decoded.tasks);
  if (typeof processId !== 'string' || !isCount(startedAtMs) || !isCount(capacity) || capacity < 1)
    return undefined;
  if (copies === undefined || (endpoint !== undefined && typeof endpoint !== 'string')) return undefined;
  return { processId, startedAtMs, capacity, endpoint, copies };
}

/** Reads a JSON object. Returns undefined for anything else. */
export function objectIn(data: Buffer | null | undefined): Readonly<Record<string, unknown>> | undefined {
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
