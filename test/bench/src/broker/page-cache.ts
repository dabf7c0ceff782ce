import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const pieceBytes = 1_048_576;

/**
 * Writes and deletes a file of that size, so that the page cache has memory which is ready.
 *
 * The host of a virtual machine takes back memory that has been free for some seconds. The first
 * write to such a page takes 2 us for each KB, and every later one 0.2 us. Without this, the engine
 * that runs right after a large file was deleted gets ready memory, and the other one does not.
 */
export async function readyPageCache(bytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const piece = Buffer.alloc(pieceBytes, 1);
  const pieces = Array.from({ length: Math.ceil(bytes / pieceBytes) }, () => piece);
  try {
    await pipeline(Readable.from(pieces), createWriteStream(join(folder, 'pages')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
