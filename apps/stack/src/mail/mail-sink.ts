import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { mailFileName, messageIdOf } from './mail-file.ts';

export interface MailSink {
  readonly folder: string;
  readonly port: number;
  stop(): Promise<void>;
}

export interface MailSinkOptions {
  /** 0 means any free port. */
  readonly port: number;
  readonly folder: string;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  readonly messageBytesMax?: number;
}

const unfinished = '.unfinished';

/**
 * An SMTP server that delivers to a folder, with one `.eml` file per Message-ID, so that a mail
 * sent twice with the same id is stored once. It accepts every sender and recipient, and forwards
 * nothing. A mail that is too large is refused with 552.
 */
export async function startMailSink({
  port,
  folder,
  host = '127.0.0.1',
  messageBytesMax = 1_000_000,
}: MailSinkOptions): Promise<MailSink> {
  await mkdir(folder, { recursive: true });
  await removeUnfinished(folder);
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: messageBytesMax,
    maxClients: 100,
    closeTimeout: 500,
    onData(stream, _session, done) {
      receive(stream, messageBytesMax)
        .then((mail) => store(folder, mail))
        .then(() => done(), done);
    },
  });
  server.on('error', () => undefined); // a client has disconnected; the server keeps running
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.server.address();
  return {
    folder,
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/**
 * Reads the whole mail, because the answer follows the last line, but keeps no more than the limit.
 */
async function receive(stream: SMTPServerDataStream, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  if (bytes > bytesMax)
    throw Object.assign(new Error(`a mail may have at most ${bytesMax} bytes`), { responseCode: 552 });
  return Buffer.concat(chunks);
}

/**
 * The file gets its name only once it is complete. A second mail with the same id changes nothing.
 */
async function store(folder: string, mail: Buffer): Promise<void> {
  const file = join(folder, `.${randomUUID()}${unfinished}`);
  try {
    await writeFile(file, mail);
    await link(file, join(folder, mailFileName(messageIdOf(mail) ?? `without-id-${randomUUID()}`)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(file, { force: true });
  }
}

async function removeUnfinished(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.endsWith(unfinished));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
