import {
  bootstrapServersOf,
  connectAdmin,
  connectLogReader,
  readConnectionSecurity,
  type Admin,
  type AdminOptions,
  type LogReaderOptions,
  type OpenLogReader,
} from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import type { Call, OptionDefinition } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';
import { localStack } from './local-stack.ts';

export const bootstrapOption: OptionDefinition = {
  flags: '--bootstrap <servers>',
  meaning:
    'HOST:PORT of brokers, separated by commas (default: KAFKA_BOOTSTRAP_SERVERS, or the running stack); ' +
    'KAFKA_SECURITY_PROTOCOL and so on set TLS and SASL, as for the services',
};

/** A person waits, so a broker that does not answer is reported soon. */
const operationTimeoutMs = seconds(10);

type ClusterOptions = Pick<AdminOptions, 'bootstrapServers' | 'security' | 'clientId' | 'clock'>;

/** Returns how to connect to the cluster that the command is about. */
export function clusterOf(call: Call): ClusterOptions {
  const { environment, clock } = call.session;
  const common = { clientId: 'millrace-cli', clock };
  const named = call.options.text('bootstrap') ?? (environment.KAFKA_BOOTSTRAP_SERVERS?.trim() || undefined);
  const security = () => readConnectionSecurity({ ...environment });
  if (named !== undefined) return { ...common, bootstrapServers: serversIn(named), security: security() };
  const { bootstrapServers, engine } = localStack(call, 'give --bootstrap HOST:PORT');
  return {
    ...common,
    bootstrapServers: serversIn(bootstrapServers),
    // The stack's own brokers listen on loopback in plain text, whatever the environment says.
    security: engine === 'existing' ? security() : {},
  };
}

function serversIn(text: string): readonly string[] {
  const servers = bootstrapServersOf(text);
  if (servers === undefined)
    throw new UsageError(`${text} is no list of brokers: give HOST:PORT, several separated by commas`);
  return servers;
}

export async function withAdmin<Result>(
  call: Call,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  await using admin = connectAdmin({ ...clusterOf(call), operationTimeoutMs });
  return await work(admin);
}

export async function withReader<Result>(
  call: Call,
  work: (reader: OpenLogReader) => Promise<Result>,
  limits: Partial<Pick<LogReaderOptions, 'isolation' | 'fetchMaxWaitMs'>> = {},
): Promise<Result> {
  await using reader = connectLogReader({ ...clusterOf(call), ...limits });
  return await work(reader);
}
