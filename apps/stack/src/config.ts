import { resolve } from 'node:path';
import { listeners, withPorts, type StackDefinition } from './define-stack.ts';

export interface StackSettings<Services extends string = string> {
  /** With the ports that the environment asks for; 0: a free one. */
  readonly definition: StackDefinition<Services>;
  /** Absolute. */
  readonly dataFolder: string;
  /** What the services and the broker accept, passed on to them. */
  readonly logLevel: string;
}

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * What the environment says: `MILLRACE_DATA` (absolute, or relative to the workspace), `LOG_LEVEL`, and a port for each part. An empty
 * variable counts as absent. Throws one line that lists every wrong setting.
 */
export function readSettings<Services extends string>(
  definition: StackDefinition<Services>,
  environment: Readonly<Record<string, string | undefined>>,
  workspace: string,
): StackSettings<Services> {
  const problems: string[] = [];
  const given = (name: string) => environment[name]?.trim() || undefined;
  const ports = new Map<string, number>();
  for (const { portSetting } of listeners(definition)) {
    const text = given(portSetting);
    if (text === undefined) continue;
    const port = portOf(text);
    if (port === undefined) problems.push(`${portSetting}=${text} must be a whole number from 0 (any free port) to 65535`);
    else ports.set(portSetting, port);
  }
  const logLevel = given('LOG_LEVEL') ?? 'info';
  if (!logLevels.includes(logLevel)) problems.push(`LOG_LEVEL=${logLevel} must be one of ${logLevels.join(', ')}`);
  if (problems.length > 0)
    throw new Error(`wrong setting${problems.length > 1 ? 's' : ''}: ${problems.join('; ')}. Correct or unset the environment variable`);
  const moved = withPorts(definition, ports);
  assertDistinct(moved);
  return { definition: moved, dataFolder: resolve(workspace, given('MILLRACE_DATA') ?? '.millrace'), logLevel };
}

function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 65_535 ? port : undefined;
}

function assertDistinct(definition: StackDefinition): void {
  const owners = new Map<number, string>();
  for (const { port, portSetting } of listeners(definition).filter((part) => part.port !== 0)) {
    const owner = owners.get(port);
    if (owner !== undefined) throw new Error(`wrong settings: ${owner} and ${portSetting} are both ${port}. Give each a port of its own`);
    owners.set(port, portSetting);
  }
}
