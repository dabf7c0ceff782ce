import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { until } from '@millrace/testing/within';

const startMsMax = 180_000;

/** A process with the worker of connectors, which a test kills. */
export class ConnectProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** Resolves once its interface answers. */
  static async start(bootstrapServers: string, port: number, signal?: AbortSignal): Promise<ConnectProcess> {
    const child = spawn(process.execPath, programCommand('apps/connect/src/main.ts'), {
      env: {
        ...programEnvironment(),
        LOG_LEVEL: process.env.CONNECT_TEST_LOG_LEVEL ?? 'error',
        KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
        CONNECT_PORT: String(port),
        CONNECT_INSTANCE: 'connect-1',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const started = new ConnectProcess(`http://127.0.0.1:${port}`, child);
    await until(
      async () => child.exitCode !== null || signal?.aborted === true || (await started.#answers()),
      (done) => done,
      startMsMax,
    );
    if (child.exitCode !== null) throw new Error(`the worker has ended with ${child.exitCode}`);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The memory that it takes now, in megabytes. */
  residentMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  }

  #answers(): Promise<boolean> {
    return fetch(`${this.url}/connectors`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** Creates a connector. Rejects with what the worker says against it. */
  async create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(`${this.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, config }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async remove(name: string): Promise<void> {
    await fetch(`${this.url}/connectors/${name}`, { method: 'DELETE' });
  }

  /** The states of the connector's tasks, with what a failed one says. */
  async tasks(name: string): Promise<readonly { readonly state: string; readonly trace?: string }[]> {
    const response = await fetch(`${this.url}/connectors/${name}/status`);
    if (!response.ok) return [];
    return ((await response.json()) as { tasks: { state: string; trace?: string }[] }).tasks;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
