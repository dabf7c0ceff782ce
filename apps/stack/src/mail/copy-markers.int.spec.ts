import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import { copyMailMarkers } from './mail-file.ts';
import { startMailSink } from './mail-sink.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-markers-'));
  await mkdir(join(root, 'mail'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the copy of a folder of mails', () => {
  it('is empty files, and a sink on it drops a mail that was sent before', async () => {
    const mail = 'From: a\r\nTo: zora@x\r\nMessage-ID: <one@millrace>\r\n\r\nDear Zora';
    await writeFile(join(root, 'mail', 'one@millrace.eml'), mail);
    await writeFile(join(root, 'mail', '.half.unfinished'), 'To: zora@x');
    const copy = join(root, 'copy');

    await copyMailMarkers(join(root, 'mail'), copy);

    const read = () => readFile(join(copy, 'one@millrace.eml'), 'utf8');
    expect(await readdir(copy)).toEqual(['one@millrace.eml']);
    expect(await read()).toBe('');
    const sink = await startMailSink({ port: 0, folder: copy });
    await createTransport({ host: '127.0.0.1', port: sink.port }).sendMail({
      from: 'shop@x',
      to: 'zora@x',
      messageId: '<one@millrace>',
      text: 'Dear Zora',
    });
    await sink.stop();
    expect(await read()).toBe('');
  });
});
