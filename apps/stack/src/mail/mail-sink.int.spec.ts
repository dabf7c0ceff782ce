import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { startMailSink, type MailSink } from './mail-sink.ts';

let root: string;
let sink: MailSink;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-mail-'));
  await mkdir(join(root, 'mail'));
  await writeFile(join(root, 'mail', '.half.unfinished'), 'Subject: ha');
  sink = await startMailSink({ port: 0, folder: join(root, 'mail'), messageBytesMax: 10_000 });
});
afterEach(async () => {
  await sink.stop();
  await rm(root, { recursive: true, force: true });
});

const send = (messageId: string, text = 'hello') =>
  createTransport({ host: '127.0.0.1', port: sink.port }).sendMail({
    from: 'shop@x',
    to: 'ada@x',
    subject: 'news',
    messageId,
    text,
  });

async function client(...lines: string[]): Promise<Socket> {
  const socket = connect(sink.port, '127.0.0.1');
  socket.on('error', () => undefined);
  for (const line of lines) {
    await once(socket, 'data');
    socket.write(`${line}\r\n`);
  }
  return socket;
}

describe('the mail sink', () => {
  it('keeps the first mail for each Message-ID, and nothing unfinished from an earlier run', async () => {
    await send('<one@millrace>', 'first');
    await send('<one@millrace>', 'second');
    await send('<two/2@millrace>');

    const files = (await readdir(sink.folder)).toSorted();
    expect(files).toEqual(['one@millrace.eml', expect.stringMatching(/^two_2@millrace-[0-9a-f]{16}\.eml$/)]);
    expect(await readFile(join(sink.folder, 'one@millrace.eml'), 'utf8')).toMatch(/Subject: news[^]*first/);
  });

  it('refuses a mail above the limit and keeps nothing of it', async () => {
    await expect(send('<large@millrace>', 'x'.repeat(20_000))).rejects.toMatchObject({ responseCode: 552 });

    expect(await readdir(sink.folder)).toEqual([]);
  });

  it('survives clients that disconnect or send nonsense', async () => {
    const inData = await client(
      'EHLO x',
      'MAIL FROM:<a@x>',
      'RCPT TO:<b@x>',
      'DATA',
      'Message-ID: <broken@x>',
    );
    inData.destroy();
    (await client('\u0000\u0001 nonsense')).destroy();

    await send('<after@millrace>');

    expect(await readdir(sink.folder)).toEqual(['after@millrace.eml']);
  });

  it('stops even if a client stays connected', async () => {
    const idle = await client('EHLO x');
    const closed = once(idle, 'close');

    await sink.stop();

    await closed;
  });
});
