import { readdir } from 'node:fs/promises';

/**
 * The kinds of mail in the sink, by order. Each mail is an `.eml` file named after its Message-ID.
 */
export async function allMails(mailFolder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const mails = new Map<string, string[]>();
  for (const file of (await readdir(mailFolder)).filter((name) => name.endsWith('.eml')).sort()) {
    const orderId = file.slice(0, file.indexOf('.'));
    const kind = file.slice(file.indexOf('.') + 1, file.indexOf('@'));
    mails.set(orderId, [...(mails.get(orderId) ?? []), kind]);
  }
  return mails;
}

export const mailsOf = async (mailFolder: string, orderId: string): Promise<readonly string[]> =>
  (await allMails(mailFolder)).get(orderId) ?? [];
