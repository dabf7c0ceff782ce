import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/**
 * A log file of limited size. When it is full it becomes `FILE.1`, which replaces the earlier file
 * of that name.
 */
export interface BoundedLog {
  readonly file: string;
  /** Never throws, so a full disk costs lines but not the process. */
  write(chunk: string | Uint8Array): void;
  close(): void;
}

const bytesMaxByDefault = 10_000_000;

export function openLog(file: string, bytesMax = bytesMaxByDefault): BoundedLog {
  let descriptor: number | undefined = openSync(file, 'a');
  let bytes = fstatSync(descriptor).size;

  const rotate = (full: number) => {
    closeSync(full);
    descriptor = undefined;
    renameSync(file, `${file}.1`);
    descriptor = openSync(file, 'a');
    bytes = 0;
    return descriptor;
  };
  return {
    file,
    write(chunk) {
      if (descriptor === undefined) return;
      const data = Buffer.from(chunk);
      try {
        const target = bytes > 0 && bytes + data.length > bytesMax ? rotate(descriptor) : descriptor;
        bytes += writeSync(target, data, 0, Math.min(data.length, bytesMax));
      } catch {
        // there is nowhere left to report it
      }
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
