import type { ServiceDefinition, StackDefinition } from '../define-stack.ts';

/** For the setup step, processes started beside the stack, and people with psql. */
const reserved = 70;

/** Each costs PostgreSQL memory, used or not. */
const connectionsMax = 500;

const poolSizeByDefault = 10;

/**
 * So many connections that every process may fill its pool. `poolSizeOf` says what a service was told to take, if it was. Throws one line
 * when PostgreSQL cannot give as many.
 */
export function budgetConnections(
  { services }: StackDefinition,
  poolSizeOf: (service: string) => number | undefined,
): number {
  const pools = Object.entries<ServiceDefinition>(services).map(([name, service]) => ({
    name,
    size: poolSizeOf(service.app) ?? poolSizeByDefault,
    count: poolsOf(service),
  }));
  const connections = reserved + pools.reduce((sum, { size, count }) => sum + size * count, 0);
  const parts = pools.map(({ name, size, count }) => `${name} ${count} x ${size}`);
  if (connections > connectionsMax)
    throw new Error(
      `PostgreSQL would need ${connections} connections (${parts.join(', ')}, and ${reserved} in reserve), and gets at most ${connectionsMax}: start fewer processes, or lower <SERVICE>_DATABASE_POOL_SIZE`,
    );
  return connections;
}

/** One for each process, and one more for those that read or write the read models where these have a database of their own. */
const poolsOf = ({ readDatabase, processes }: ServiceDefinition): number =>
  processes.length +
  (readDatabase === undefined
    ? 0
    : processes.filter(({ role }) => role === 'api' || role === 'projector').length);
