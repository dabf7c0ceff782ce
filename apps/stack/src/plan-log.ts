import { join } from 'node:path';
import { installKafka, kafkaVersion } from '@millrace/embedded-kafka';
import { securityVariables, type ConnectionSecurity } from '@millrace/streaming-core/client';
import type { EmbeddedLog, LogDefinition } from './definition/define-stack.ts';
import type { Listening } from './definition/service-processes.ts';
import type { BoundedLog } from './processes/bounded-log.ts';
import { launchKafka } from './processes/launch-kafka.ts';
import type { Program } from './processes/launch-node.ts';
import type { ProcessRegister } from './processes/process-register.ts';
import type { Launch, Supervised } from './processes/supervise.ts';

export interface LogPlan {
  /** The processes that the stack runs for the log; none for an existing cluster. */
  readonly processes: readonly Supervised[];
  readonly bootstrapServers: readonly string[];
  readonly security: ConnectionSecurity;
  /** The environment variables that tell the services about the log. */
  readonly environment: Readonly<Record<string, string>>;
  /** The end of the printed line about what starts. */
  readonly inWords: string;
}

export interface LogTools {
  readonly dataFolder: string;
  /** How to connect to the cluster that the environment names. */
  readonly security: ConnectionSecurity;
  readonly register: ProcessRegister;
  readonly print: (line: string) => void;
  /** Runs one of our own programs. */
  readonly node: (program: Program) => Supervised;
  readonly supervised: (name: string, launch: (file: BoundedLog) => Launch) => Supervised;
}

/** Prepares the log without starting it. Fetches the jars of Apache Kafka the first time. */
export async function planLog(log: LogDefinition, tools: LogTools): Promise<LogPlan> {
  const { dataFolder, security, register, print } = tools;
  switch (log.engine) {
    case 'embedded': {
      return {
        ...ownLog(log),
        processes: [tools.node(brokerProgram(log, dataFolder))],
        inWords: ' and the broker',
      };
    }
    case 'kafka': {
      const jars = await installKafka({ print });
      const ports = { port: log.port, controllerPort: log.controller.port };
      const launch = (file: BoundedLog) =>
        launchKafka({ jars, ...ports, dataFolder: join(dataFolder, 'kafka'), log: file, register });
      return {
        ...ownLog(log),
        processes: [tools.supervised('broker', launch)],
        inWords: ` and Apache Kafka ${kafkaVersion()}`,
      };
    }
    case 'existing': {
      const bootstrapServers = log.bootstrapServers.join(',');
      return {
        ...log,
        security,
        processes: [],
        environment: { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers },
        inWords: `; the log is ${bootstrapServers}`,
      };
    }
  }
}

export const brokerProgram = ({ port, sidePort }: EmbeddedLog, dataFolder: string): Program => ({
  name: 'broker',
  app: 'broker',
  environment: {
    BROKER_PORT: String(port),
    BROKER_HTTP_PORT: String(sidePort.port),
    BROKER_DATA: join(dataFolder, 'broker'),
  },
});

/**
 * Describes a log that the stack runs itself: on loopback and in plain text, whatever the
 * environment says about other clusters.
 */
export const ownLog = ({ port }: Pick<Listening, 'port'>) => ({
  bootstrapServers: [`127.0.0.1:${port}`],
  security: {},
  environment: {
    ...Object.fromEntries(securityVariables.map((name) => [name, ''])),
    KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${port}`,
  },
});
