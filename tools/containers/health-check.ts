/**
 * The images' HEALTHCHECK. It needs only Node and exits with 0 if the program in this container
 * (`MILLRACE_PROGRAM`) answers. It asks a service whether it is alive, not whether it is ready: a
 * service that waits for its database is healthy, and restarting it would not help. It runs every 15 s
 * in every container, so it has no types in an image and no client of HTTP, which take Node 0.1 s.
 */
import { connect } from 'node:net';

const timeoutMs = 2_500;
const program = process.env.MILLRACE_PROGRAM ?? '';

/**
 * An ApiVersions request, version 0, with correlation id 7 and no client id. Every Kafka broker
 * answers it.
 */
const apiVersions = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);

function portOf(setting: string): number {
  const port = Number(process.env[setting]);
  if (!(port > 0))
    throw new Error(`${setting} is not set: the health check needs it to find the program's port`);
  return port;
}

/** Sends the bytes to a port of this container and resolves to the first bytes that come back. */
function answer(port: number, question: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(question));
    socket.setTimeout(timeoutMs, () =>
      socket.destroy(new Error(`no answer from port ${port} within ${timeoutMs} ms`)),
    );
    socket.once('error', reject).once('data', (data) => {
      resolve(data);
      socket.destroy();
    });
  });
}

async function askService(): Promise<void> {
  const port = portOf(`${program.toUpperCase().replaceAll('-', '_')}_PORT`);
  const request = 'GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';
  const [status = ''] = (await answer(port, Buffer.from(request))).toString('latin1').split('\r\n', 1);
  if (!status.startsWith('HTTP/1.1 200 ')) throw new Error(`/livez answered ${status}`);
}

async function askBroker(): Promise<void> {
  const data = await answer(portOf('BROKER_PORT'), apiVersions);
  if (data.length < 10 || data.readInt32BE(4) !== 7 || data.readInt16BE(8) !== 0)
    throw new Error('the broker did not answer with the correlation id of the request');
}

async function askMailSink(): Promise<void> {
  const greeting = (await answer(portOf('SMTP_PORT'), Buffer.alloc(0))).toString('latin1');
  if (!greeting.startsWith('220 ')) throw new Error(`the mail sink answered ${greeting.slice(0, 40)}`);
}

const nothingToAsk = () => Promise.resolve();

const questions: Readonly<Record<string, () => Promise<void>>> = {
  broker: askBroker,
  'stack/mail': askMailSink,
  'stack/gateway': nothingToAsk, // it listens for as long as it runs
  'stack/migrate': nothingToAsk,
  'stack/samples': nothingToAsk,
  cli: nothingToAsk,
};

(questions[program] ?? askService)().catch((error: unknown) => {
  console.error(`health check: ${(error as Error).message}`);
  process.exitCode = 1;
});
