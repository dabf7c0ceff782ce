import type { ServiceDefinition, StackDefinition } from '../definition/define-stack.ts';
import type { ServiceProcess } from '../definition/service-processes.ts';

/**
 * Connections for the setup step, for processes started beside the stack, and for people with psql.
 */
const reserved = 70;

/** There is a limit because each connection costs PostgreSQL memory, used or not. */
const connectionsMax = 500;

const poolSizeByDefault = 6;

/**
 * Returns the number of connections with which every process can fill its pool and listen. `poolSizeOf`
 * returns the pool size that a service is configured with, if any. Throws a one-line error if
 * PostgreSQL cannot provide that many.
 */
export function budgetConnections(
  { services }: StackDefinition,
  poolSizeOf: (service: string) => number | undefined,
): number {
  const connected = Object.entries<ServiceDefinition>(services).filter(([, { database }]) => database);
  const pools = connected.map(([name, service]) => ({
    name,
    size: poolSizeOf(service.app) ?? poolSizeByDefault,
    count: poolsOf(service),
  }));
  const listening = connected.flatMap(([, service]) => listeners(service)).length;
  const connections = reserved + listening + pools.reduce((sum, { size, count }) => sum + size * count, 0);
  const parts = pools.map(({ name, size, count }) => `${name} ${count} x ${size}`);
  if (connections > connectionsMax)
    throw new Error(
      `PostgreSQL would need ${connections} connections (${parts.join(', ')}, ` +
        `${listening} that listen for hints, and ${reserved} in reserve), but has at most ${connectionsMax}: start fewer processes, ` +
        'or lower <SERVICE>_DATABASE_POOL_SIZE',
    );
  return connections;
}

/** Connections to the keys for processes started beside the stack. */
const keysReserved = 20;
/** No process has more connections to the keys database. */
const keysPoolSize = 2;

/** Returns the number of connections with which every process can ask for keys. */
export const keysConnections = ({ services }: StackDefinition): number =>
  keysReserved +
  keysPoolSize *
    Object.values<ServiceDefinition>(services)
      .filter(({ personalData }) => personalData)
      .flatMap(({ processes }) => processes).length;

/**
 * Counts one pool for each process, and one more for each that reads or writes read models in a
 * database of their own.
 */
const poolsOf = ({ readDatabase, processes }: ServiceDefinition): number =>
  processes.length +
  (readDatabase === undefined
    ? 0
    : processes.filter(({ role }) => role === 'api' || role === 'projector').length);

/** The processes that keep a connection open to hear of each other's commits. */
const listeners = ({ processes }: ServiceDefinition): readonly ServiceProcess[] =>
  processes.filter(({ role }) => role === undefined || role === 'worker' || role === 'relay');
