import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

export interface MailSink {
  readonly folder: string;
  stop(): Promise<void>;
}

const messageBytesMax = 1_000_000;

/**
 * An SMTP server on loopback that delivers to a folder: one `.eml` file per Message-ID, so that a mail sent twice with the same id is
 * there once. It accepts every sender and recipient, and forwards nothing.
 */
export async function startMailSink({ port, folder }: { readonly port: number; readonly folder: string }): Promise<MailSink> {
  await mkdir(folder, { recursive: true });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: messageBytesMax,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        if (stream.sizeExceeded)
          return done(Object.assign(new Error(`a mail has at most ${messageBytesMax} bytes`), { responseCode: 552 }));
        store(folder, Buffer.concat(chunks)).then(() => done(), done);
      });
    },
  });
  server.on('error', () => undefined); // a client that breaks off; the server stays
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { folder, stop: () => new Promise((resolve) => server.close(resolve)) };
}

/** The name appears only once the file is whole, and a second mail of the same id changes nothing. */
async function store(folder: string, mail: Buffer): Promise<void> {
  const unfinished = join(folder, `.${randomBytes(6).toString('hex')}.unfinished`);
  await writeFile(unfinished, mail);
  await link(unfinished, join(folder, `${fileNameOf(mail)}.eml`)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(unfinished);
}

function fileNameOf(mail: Buffer): string {
  const end = mail.indexOf('\r\n\r\n');
  const header = mail.subarray(0, end < 0 ? undefined : end).toString('latin1');
  const id = /^message-id:\s*<([^>\r\n]+)>/im.exec(header)?.[1];
  return (id ?? `without-id-${randomBytes(8).toString('hex')}`).replace(/[^A-Za-z0-9.@_-]/g, '_').slice(0, 200);
}
