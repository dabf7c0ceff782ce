import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '@millrace/testing/kafka';
import { connect } from 'amqplib';

const startMsMax = 120_000;
const retryMs = 250;
const host = '127.0.0.1';
/** Debian's wrapper in /usr/sbin would start the system's own server under another user. */
const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export interface RabbitmqServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts RabbitMQ on the loopback interface, with its data in a folder that is deleted in the end. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-rabbitmq-'));
  const [port = 0, distributionPort = 0, namePort = 0] = await freePorts(3);
  await writeFile(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = ${host}:${port}\nlog.console = false\nlog.file.level = error\n`,
  );
  // The one that RabbitMQ would start by itself outlives it.
  const names = spawn('epmd', ['-address', host, '-port', String(namePort)], { stdio: 'ignore' });
  const server = spawn(program, [], {
    detached: true, // its scripts start Erlang, so the whole group is ended
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      ERL_EPMD_ADDRESS: host,
      ERL_EPMD_PORT: String(namePort),
      RABBITMQ_NODENAME: `millrace-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
    },
  });
  const stop = async () => {
    names.kill('SIGKILL');
    if (server.exitCode === null && server.pid !== undefined) {
      process.kill(-server.pid, 'SIGKILL');
      await once(server, 'exit');
    }
    await rm(folder, { recursive: true, force: true });
  };
  const url = `amqp://guest:guest@${host}:${port}`;
  try {
    await firstConnection(url);
    return { url, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function firstConnection(url: string): Promise<void> {
  const deadline = performance.now() + startMsMax;
  for (;;)
    try {
      const connection = await connect(url);
      return await connection.close();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(retryMs);
    }
}
