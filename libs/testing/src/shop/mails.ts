import { readdir } from 'node:fs/promises';

/** Kinds of the mails that the sink has for an order: one `.eml` file each, named after its Message-ID. */
export async function mailsOf(mailFolder: string, orderId: string): Promise<readonly string[]> {
  const files = (await readdir(mailFolder)).filter((file) => file.startsWith(`${orderId}.`) && file.endsWith('.eml'));
  return files.map((file) => file.slice(orderId.length + 1, file.indexOf('@'))).sort();
}
