import { createServer } from 'node:net';
import { ok, problem, warning, type Finding } from './finding.ts';
import { portHolder } from './port-holder.ts';
import type { PlannedPort } from './start-plan.ts';

/** Checks that every port that a start would use is free, and names who has it otherwise. */
export const checkPorts = (ports: readonly PlannedPort[]): Promise<readonly Finding[]> =>
  Promise.all(ports.map(checkPort));

async function checkPort({ label, port, portSetting, orAnyFree }: PlannedPort): Promise<Finding> {
  const check = `port ${port}`;
  const refusal = await refusalOf(port);
  if (refusal === undefined) return ok(check, `free for ${label}`);
  if (refusal !== 'EADDRINUSE')
    return problem(check, `may not be opened for ${label} (${refusal})`, `set ${portSetting}`);
  const detail = `wanted by ${label}, taken by ${portHolder(port) ?? 'another program'}`;
  return orAnyFree === true
    ? warning(check, detail, `nothing to do: ${label} move to a free port`)
    : problem(check, detail, `stop that program, or set ${portSetting} (0 means any free port)`);
}

/** Resolves to the code with which the system refuses the port, or to undefined if it is free. */
const refusalOf = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
