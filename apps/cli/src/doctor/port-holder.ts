import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Returns the process that listens on a port of this machine, such as `node (process 4711)`.
 * Undefined if it cannot be known: on systems without /proc, or for another user's process.
 */
export function portHolder(port: number): string | undefined {
  try {
    const inodes = new Set(
      ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)),
    );
    const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && holds(entry, inodes));
    return pid === undefined
      ? undefined
      : `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
  } catch {
    return undefined;
  }
}

const listening = '0A';

/** Column 2 is the local address with the port in hexadecimal, 4 the state, 10 the socket's inode. */
function listeningInodes(table: string, port: number): readonly string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(end) === true && state === listening)
    .flatMap((columns) => columns[9] ?? []);
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const [, inode = ''] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [];
      return inodes.has(inode);
    });
  } catch {
    return false; // it is another user's, or has just ended
  }
}
