import { Addresses, type Cluster } from '@millrace/operations/client';
import type { Call, OptionDefinition } from './command/command.ts';

export const bootstrapOption: OptionDefinition = {
  flags: '--bootstrap <servers>',
  meaning:
    'HOST:PORT of brokers, separated by commas (default: KAFKA_BOOTSTRAP_SERVERS, or the running stack); ' +
    'KAFKA_SECURITY_PROTOCOL and so on set TLS and SASL, as for the services',
};

export const databaseOption: OptionDefinition = {
  flags: '--url <url>',
  meaning:
    'postgres://USER:PASSWORD@HOST:PORT/DATABASE (default: SERVICE_DATABASE_URL, or that of the running stack)',
};

export const serviceOption: OptionDefinition = {
  flags: '--service <name=url>',
  meaning:
    'a service process and its URL (default: MILLRACE_SERVICES, or the running stack); may be repeated',
  repeatable: true,
};

/** The addresses of the parts that a command uses. */
export function addressesOf({ options, session }: Pick<Call, 'options' | 'session'>): Addresses {
  const { environment, workspace, clock } = session;
  const given = {
    data: options.text('data'),
    basePort: options.text('base-port'),
    bootstrap: options.text('bootstrap'),
    url: options.text('url'),
    service: options.list('service'),
    ops: options.list('ops'),
  };
  return new Addresses({ given, environment, workspace, clock, clientId: 'millrace-cli' });
}

/** How to connect to the cluster that the command is about. */
export const clusterOf = (call: Call): Cluster => addressesOf(call).cluster();
