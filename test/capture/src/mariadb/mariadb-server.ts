import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '@millrace/testing/kafka';
import { until } from '@millrace/testing/within';

const execute = promisify(execFile);
const startMsMax = 120_000;

/** A MariaDB of Debian in a folder of its own, which writes its changes to a log of rows. */
export class MariaDbServer {
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;

  private constructor(port: number, folder: string, server: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#server = server;
  }

  /** `npm run verify -- mariadb` installs the programs. */
  static async start(): Promise<MariaDbServer> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-mariadb-'));
    const [port = 0] = await freePorts(1);
    const data = join(folder, 'data');
    // The first option has to be --no-defaults.
    const common = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
    await execute(
      'mariadb-install-db',
      [...common, '--auth-root-authentication-method=normal', '--skip-test-db'],
      { timeout: startMsMax },
    );
    const server = spawn(
      'mariadbd',
      [
        ...common,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--skip-name-resolve',
        '--server-id=1',
        '--log-bin=changes',
        '--binlog-format=ROW',
        '--binlog-row-image=FULL',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    server.stderr?.on('data', (text) => (said = `${said}${String(text)}`.slice(-4_000)));
    const started = new MariaDbServer(port, folder, server);
    await until(
      async () => server.exitCode !== null || (await started.#answers()),
      (done) => done,
      startMsMax,
    );
    if (server.exitCode !== null) throw new Error(`mariadbd has ended with ${server.exitCode}: ${said}`);
    return started;
  }

  #answers(): Promise<boolean> {
    return this.sql('SELECT 1').then(
      () => true,
      () => false,
    );
  }

  /** Runs statements as root. They are separated by semicolons. */
  async sql(statements: string): Promise<string> {
    const access = ['--no-defaults', `--socket=${join(this.#folder, 'socket')}`, '--user=root', '--batch'];
    return (await execute('mariadb', [...access, '--execute', statements], { timeout: 30_000 })).stdout;
  }

  /** Kills it and deletes its data. */
  async stop(): Promise<void> {
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const exited = once(this.#server, 'exit');
      this.#server.kill('SIGKILL');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
