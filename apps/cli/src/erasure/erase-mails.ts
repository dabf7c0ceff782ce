import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailed } from '../command/failures.ts';

/**
 * Empties the mails about these orders in the folder of the mail sink, and returns their number.
 * The empty files stay, because the sink drops a repetition of a mail by the name of its file.
 */
export async function eraseMails(folder: string, orders: ReadonlySet<string>): Promise<number> {
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailed(
      `the mails cannot be read (${cause.code}): name the folder of the mail sink with --mails`,
      {
        cause,
      },
    );
  });
  const own = names.filter((name) => orders.has(orderOf(name)));
  for (const name of own) await truncate(join(folder, name));
  return own.length;
}

/** The file is named after the Message-ID, `ORDER.KIND@millrace.invalid`. */
const orderOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('.')));
