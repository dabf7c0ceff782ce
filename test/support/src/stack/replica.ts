import { join } from 'node:path';
import { runServiceProcess } from '@millrace/testing/service';
import type { ServiceName, StackPlaces } from './spawn-stack.ts';

const workspace = join(import.meta.dirname, '../../../..');

/**
 * An additional process of a service, which joins the stack's processes while they run and leaves
 * again.
 */
export interface Replica {
  readonly url: string;
  readonly pid: number;
  /** Sends SIGTERM, so that the process drains. Resolves to its exit code. */
  leave(): Promise<number | null>;
  /** Kills the process with SIGKILL. Nothing restarts it. */
  kill(): Promise<void>;
}

/** The addresses that a service needs. */
export type Engines = Pick<StackPlaces, 'postgresUrl' | 'keysUrl' | 'bootstrapServers' | 'smtpUrl'>;

export interface ReplicaOptions {
  /** The workspace of another release. By default it is this workspace. */
  readonly root?: string;
  /** The folder of a `main.ts` that composes the service differently from its own. */
  readonly folder?: string;
  /** Further settings, such as `ROLES`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a replica and resolves once it serves. Rejects with its output when it cannot start. */
export async function startReplica(
  stack: Engines,
  service: ServiceName,
  instance: string,
  { root = workspace, folder = join(root, 'apps', service, 'src'), env = {} }: ReplicaOptions = {},
): Promise<Replica> {
  const own = service.toUpperCase();
  const environment = {
    [`${own}_PORT`]: '0',
    [`${own}_DATABASE_URL`]: `${stack.postgresUrl}/millrace_${service}`,
    [`${own}_INSTANCE`]: instance,
    KEYS_DATABASE_URL: stack.keysUrl,
    KAFKA_BOOTSTRAP_SERVERS: stack.bootstrapServers,
    SMTP_URL: stack.smtpUrl,
    LOG_LEVEL: 'error',
    ...env,
  };
  const replica = runServiceProcess(folder, environment, root);
  const { url } = await replica.ready;
  return {
    url,
    pid: replica.pid,
    async leave() {
      replica.kill('SIGTERM');
      return (await replica.ended).code;
    },
    async kill() {
      replica.kill('SIGKILL');
      await replica.ended;
    },
  };
}
