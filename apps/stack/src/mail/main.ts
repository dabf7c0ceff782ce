import { z } from 'zod';
import { runProgram, stopped, wholePort } from '../program.ts';
import { startMailSink } from './mail-sink.ts';

const settings = {
  SMTP_HOST: z.string().default('127.0.0.1'),
  SMTP_PORT: wholePort.default(2525),
  MAIL_FOLDER: z.string().default('.millrace/mail'),
};

/** Runs the mail sink as a process of its own, for setups without `npm start`. */
await runProgram(
  'mail',
  settings,
  async ({ SMTP_HOST: host, SMTP_PORT: port, MAIL_FOLDER: folder }, { logger, signal }) => {
    const sink = await startMailSink({ host, port, folder });
    logger.info({ port: sink.port, folder }, 'listening');
    await stopped(signal);
    await sink.stop();
  },
);
