import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { until } from '@millrace/testing/within';
import { ConnectRest } from './connect-rest.ts';

const startMsMax = 180_000;

/** A process with a Connect worker, which a test kills. */
export class ConnectProcess {
  readonly url: string;
  readonly rest: ConnectRest;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(url: string, rest: ConnectRest, child: ChildProcess) {
    this.url = url;
    this.rest = rest;
    this.pid = child.pid ?? 0;
    this.#child = child;
  }

  /** Resolves once its interface answers. */
  static async start(
    bootstrapServers: string,
    port: number,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ConnectProcess> {
    const child = spawn(process.execPath, programCommand('apps/connect/src/main.ts'), {
      env: {
        ...programEnvironment(),
        LOG_LEVEL: process.env.CONNECT_TEST_LOG_LEVEL ?? 'error',
        KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
        CONNECT_PORT: String(port),
        CONNECT_INSTANCE: 'connect-1',
        ...settings,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}`;
    const rest = new ConnectRest(url);
    await until(
      async () => child.exitCode !== null || (await rest.answers()),
      (done) => done,
      startMsMax,
    );
    if (child.exitCode !== null) throw new Error(`the worker has ended with ${child.exitCode}`);
    return new ConnectProcess(url, rest, child);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}
