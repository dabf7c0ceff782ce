import { join } from 'node:path';
import { runServiceProcess } from '@millrace/testing/service';
import type { ServiceName, StackPlaces } from './spawn-stack.ts';

const workspace = join(import.meta.dirname, '../../../..');

/** A process of a service beside those of the stack: it joins while the others run, and leaves. */
export interface Replica {
  readonly url: string;
  readonly pid: number;
  /** SIGTERM: it drains. Resolves to its exit code. */
  leave(): Promise<number | null>;
  /** kill -9; nobody brings it back. */
  kill(): Promise<void>;
}

/** What a service stands on. */
export type Engines = Pick<StackPlaces, 'postgresUrl' | 'bootstrapServers' | 'smtpUrl'>;

export interface ReplicaOptions {
  /** Another release's workspace. */
  readonly root?: string;
  /** Of a program that composes the service in another way than its own `main.ts`: where its `main.ts` is. */
  readonly folder?: string;
  /** Settings of its own, such as `ROLES`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves once it serves; rejects with what it said when it cannot start. */
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
    KAFKA_BOOTSTRAP_SERVERS: stack.bootstrapServers,
    SMTP_URL: stack.smtpUrl,
    LOG_LEVEL: 'error',
    ...env,
  };
  const replica = runServiceProcess(folder, environment, root);
  const failed = replica.ended.then(({ stderr }) =>
    Promise.reject(new Error(`${instance} has ended: ${stderr}`)),
  );
  failed.catch(() => undefined);
  const { url } = await Promise.race([replica.ready, failed]);
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
