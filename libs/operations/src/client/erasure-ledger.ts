import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { erasureSubject } from '../contract/erasures.ts';
import { OperationFailed } from './errors.ts';

/** The file in a data folder, unless `ERASURE_LEDGER` names another one. */
export const erasureLedgerName = 'erasures.jsonl';

/**
 * Someone whose erasure was asked for. There is no reason and no actor: both are in the databases,
 * and a person may have typed a name into them.
 */
export interface LedgerEntry {
  /** The time of the first request, in ISO 8601. */
  readonly at: string;
  readonly subject: string;
}

const version = 1;
const storedEntry = z.object({ version: z.literal(version), at: z.iso.datetime(), subject: erasureSubject });

/**
 * The list of all erasures, outside of every database, so that a restored copy of data or keys can
 * be told of them again. Each line is a JSON object with a version. A subject has one line.
 */
export class ErasureLedger {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  get exists(): boolean {
    return existsSync(this.file);
  }

  /** In the order of their lines. Empty if there is no file. */
  read(): readonly LedgerEntry[] {
    const { lines } = this.#complete();
    return lines.map((line, index) => this.#parsed(line, index + 1));
  }

  /**
   * Appends the entries whose subjects the ledger lacks, and returns their number. They are on disk
   * when it returns.
   */
  add(entries: readonly LedgerEntry[]): number {
    const known = new Set(this.read().map(({ subject }) => subject));
    const wanted = new Map(entries.map((entry) => [entry.subject, entry]));
    const added = [...wanted.values()].filter(({ subject }) => !known.has(subject));
    if (added.length > 0) this.#append(added);
    return added.length;
  }

  #append(added: readonly LedgerEntry[]): void {
    const text = added.map(({ at, subject }) => `${JSON.stringify({ version, at, subject })}\n`).join('');
    try {
      const { bytes } = this.#complete();
      const file = openSync(this.file, 'a', 0o600);
      try {
        ftruncateSync(file, bytes);
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      syncFolder(dirname(this.file));
    } catch (cause) {
      throw this.#failure('written', cause);
    }
  }

  /** A crash can leave a part of a last line, whose erasure has not begun. */
  #complete(): { readonly lines: readonly string[]; readonly bytes: number } {
    if (!this.exists) return { lines: [], bytes: 0 };
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (cause) {
      throw this.#failure('read', cause);
    }
    const complete = text.slice(0, text.lastIndexOf('\n') + 1);
    return { lines: complete.split('\n').slice(0, -1), bytes: Buffer.byteLength(complete) };
  }

  #parsed(line: string, number: number): LedgerEntry {
    const entry = storedEntry.safeParse(jsonIn(line));
    if (!entry.success)
      throw new OperationFailed(
        `line ${number} of ${this.file} is no erasure that this release can read: ` +
          'use the release that wrote it, or take the line from a copy',
      );
    return { at: entry.data.at, subject: entry.data.subject };
  }

  #failure(done: string, cause: unknown): OperationFailed {
    if (cause instanceof OperationFailed) return cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    return new OperationFailed(
      `the ledger of erasures ${this.file} cannot be ${done} (${code ?? message}), so nothing was erased: ` +
        'make it possible, or name another file with ERASURE_LEDGER',
      { cause },
    );
  }
}

/** The ledger of a data folder. A relative `ERASURE_LEDGER` begins in the workspace. */
export function ledgerOfFolder(
  dataFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
  workspace: string,
): ErasureLedger {
  const named = environment.ERASURE_LEDGER?.trim();
  return new ErasureLedger(named ? resolve(workspace, named) : join(dataFolder, erasureLedgerName));
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
