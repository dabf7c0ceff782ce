import type { Addresses } from './addresses.ts';
import { withAdmin, withDatabase } from './connections.ts';
import { freeBytesOn, lowDiskBytes, megabyte } from './disk.ts';
import type { ServiceReport } from './service-reports.ts';

/** A part that the services need. */
export interface EngineStatus {
  /** `log`, `PostgreSQL`, `keys` or `disk`. */
  readonly part: string;
  /** Where it is: an address or a folder. */
  readonly place: string;
  readonly state: 'works' | 'fails' | 'not seen from here';
  readonly detail: string;
}

/** Looks at every part at the same time. */
export async function lookAtEngines(
  addresses: Addresses,
  reports: readonly ServiceReport[],
): Promise<readonly EngineStatus[]> {
  const [log, databases] = await Promise.all([lookAtLog(addresses), lookAtDatabases(addresses)]);
  return [log, ...databases, keysOf(reports), diskOf(addresses)];
}

async function lookAtLog(addresses: Addresses): Promise<EngineStatus> {
  return attempt('log', async () => {
    const { brokers } = await withAdmin(addresses.cluster(), (admin) => admin.describeCluster());
    const place = brokers.map(({ host, port }) => `${host}:${port}`).join(', ');
    return {
      place,
      state: 'works',
      detail: `${brokers.length} ${brokers.length === 1 ? 'broker' : 'brokers'}`,
    };
  });
}

const session = `SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS "readOnly",
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
  current_setting('max_connections')::int AS "connectionsMax"`;

interface SessionRow {
  readonly readOnly: boolean;
  readonly connections: number;
  readonly connectionsMax: number;
}

const statementTimeoutMs = 5_000;

/** One row for each server, because the services of a stack share one. */
async function lookAtDatabases(addresses: Addresses): Promise<readonly EngineStatus[]> {
  const servers = new Map<string, () => string>();
  for (const service of addresses.servicesWithDatabase()) {
    const url = () => addresses.database({ service });
    const place = hostOf(url) ?? service;
    if (!servers.has(place)) servers.set(place, url);
  }
  const rows = [...servers].map(([place, url]) =>
    attempt('PostgreSQL', async () => ({ place, ...(await lookAtDatabase(url())) }), place),
  );
  return Promise.all(rows);
}

function hostOf(url: () => string): string | undefined {
  try {
    return new URL(url()).host;
  } catch {
    return undefined; // the row says why
  }
}

const lookAtDatabase = (url: string): Promise<Pick<EngineStatus, 'state' | 'detail'>> =>
  withDatabase(
    url,
    async (client) => {
      const [row] = (await client.query<SessionRow>(session)).rows;
      const { readOnly = true, connections = 0, connectionsMax = 0 } = row ?? {};
      const used = `${connections} of ${connectionsMax} connections`;
      return readOnly
        ? { state: 'fails', detail: `it is read-only, as a standby is; ${used}` }
        : { state: 'works', detail: used };
    },
    { statement_timeout: statementTimeoutMs },
  );

/** The keys are open to the services only, which say whether they can use them. */
function keysOf(reports: readonly ServiceReport[]): EngineStatus {
  const users = reports.flatMap(({ status, keys }) => (keys === undefined ? [] : [{ status, keys }]));
  const part = { part: 'keys', place: users.map(({ status }) => status.process).join(', ') };
  if (users.length === 0)
    return { ...part, place: '-', state: 'not seen from here', detail: 'no process that answers uses them' };
  const failing = users.filter(({ keys }) => !keys.healthy);
  if (failing.length === 0) return { ...part, state: 'works', detail: `${users.length} processes use them` };
  const reasons = failing.map(
    ({ status, keys }) => `${status.process}: ${keys.details?.reason ?? 'it fails'}`,
  );
  return { ...part, state: 'fails', detail: reasons.join('; ') };
}

function diskOf(addresses: Addresses): EngineStatus {
  const stack = addresses.findStack();
  if (stack === undefined) {
    const detail = 'a service whose database takes no writes raises an alarm';
    return { part: 'disk', place: '-', state: 'not seen from here', detail };
  }
  const free = freeBytesOn(stack.dataFolder);
  const part = { part: 'disk', place: stack.dataFolder };
  if (free === Infinity)
    return { ...part, state: 'not seen from here', detail: 'the disk does not say how much is free' };
  const left = `${Math.floor(free / megabyte)} MB are free`;
  return free < lowDiskBytes
    ? {
        ...part,
        state: 'fails',
        detail: `${left}: make room (docs/operations/what-to-do.md#the-disk-is-full)`,
      }
    : { ...part, state: 'works', detail: left };
}

async function attempt(
  part: string,
  look: () => Promise<Omit<EngineStatus, 'part'>>,
  place = '-',
): Promise<EngineStatus> {
  try {
    return { part, ...(await look()) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { part, place, state: 'fails', detail };
  }
}
