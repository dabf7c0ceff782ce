import type { Call, OptionDefinition } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { findLocalStack, noStack } from './local-stack.ts';
import { namedUrls } from './named-urls.ts';

/** Prefix of a service's own environment variables. */
const settingPrefix = (service: string): string => service.toUpperCase().replaceAll('-', '_');

export const databaseOption: OptionDefinition = {
  flags: '--url <url>',
  meaning:
    'postgres://USER:PASSWORD@HOST:PORT/DATABASE (default: SERVICE_DATABASE_URL, or that of the running stack)',
};

export interface DatabaseChoice {
  readonly service: string;
  /** The database of its read models, if they have one of their own. */
  readonly readModels?: boolean;
}

/** Returns the URL of a service's database. Throws if neither the call nor a stack names it. */
export function databaseUrlOf(call: Call, { service, readModels = false }: DatabaseChoice): string {
  const variable = `${settingPrefix(service)}_${readModels ? 'READ_' : ''}DATABASE_URL`;
  const named = call.options.text('url') ?? (call.session.environment[variable]?.trim() || undefined);
  if (named !== undefined) return named;
  const stack = findLocalStack(call);
  if (stack === undefined)
    throw noStack(call, `give --url postgres://USER:PASSWORD@HOST:PORT/DATABASE, or set ${variable}`);
  const databases = stack.databases[service];
  if (databases === undefined)
    throw new CommandFailed(
      `no service ${service} in the running stack: it has ${Object.keys(stack.databases).join(', ')}`,
    );
  const name = databases[readModels ? 1 : 0];
  if (name === undefined)
    throw new CommandFailed(`the read models of ${service} are in its own database: leave out --read-models`);
  return `${stack.postgresUrl}/${name}`;
}

/** Returns the URL of the database of a service's read models, or undefined if they are in its own. */
export function readDatabaseUrlOf(call: Call, service: string): string | undefined {
  const named = call.session.environment[`${settingPrefix(service)}_READ_DATABASE_URL`]?.trim();
  if (named) return named;
  const stack = findLocalStack(call);
  const name = stack?.databases[service]?.[1];
  return name === undefined ? undefined : `${stack?.postgresUrl}/${name}`;
}

export const serviceOption: OptionDefinition = {
  flags: '--service <name=url>',
  meaning:
    'a service process and its URL (default: MILLRACE_SERVICES, or the running stack); may be repeated',
  repeatable: true,
};

/** Returns the URL of every service process by its name, such as `order` and `order-2`. */
export function serviceUrls(call: Call): Readonly<Record<string, string>> {
  const named = namedServices(call);
  return named.length > 0 ? Object.fromEntries(named) : (findLocalStack(call)?.instances ?? {});
}

/** Returns the names of the services, without the numbers and roles of their processes. */
export function serviceNames(call: Call): readonly string[] {
  const named = namedServices(call);
  return named.length > 0 ? named.map(([name]) => name) : Object.keys(findLocalStack(call)?.databases ?? {});
}

const namedServices = (call: Call) =>
  namedUrls(call, {
    option: 'service',
    variable: 'MILLRACE_SERVICES',
    example: 'order=http://127.0.0.1:3001',
  });
