import { crc32c } from '@node-rs/crc32';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataFolderError } from './storage-errors.ts';

const version = 1;

interface ChecksummedFileOptions {
  readonly name: string;
  /** The JSON field of the value. */
  readonly field: string;
  /** The remedy that the error about a damaged file gives to the operator. */
  readonly remedy: string;
}

interface Stored {
  readonly version: number;
  readonly checksum?: number;
  readonly [field: string]: unknown;
}

/**
 * A value that is stored as a JSON file of the data folder, with a version and a checksum: the
 * CRC-32C of the value as JSON without spaces.
 */
export class ChecksummedFile<Value> {
  readonly #options: ChecksummedFileOptions;

  constructor(options: ChecksummedFileOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  textOf(value: Value): string {
    return `${JSON.stringify({ version, checksum: checksumOf(value), [this.#options.field]: value }, undefined, 2)}\n`;
  }

  /**
   * Returns undefined if the file does not exist. Throws DataFolderError if it is newer or damaged.
   */
  read(folder: string): Value | undefined {
    const { name, field, remedy } = this.#options;
    const path = join(folder, name);
    if (!existsSync(path)) return undefined;
    const stored = parse(path, remedy);
    if (stored.version !== version)
      throw new DataFolderError(
        `${path} has version ${stored.version}, but this broker knows ${version}: ` +
          'run the newer broker, or set another folder',
      );
    const { [field]: value, checksum } = stored;
    if (value === undefined || checksum !== checksumOf(value))
      throw new DataFolderError(`${path} is damaged (its checksum does not match): ${remedy}`);
    return value as Value;
  }
}

const checksumOf = (value: unknown): number => crc32c(JSON.stringify(value));

function parse(path: string, remedy: string): Stored {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as Stored;
    if (typeof stored.version === 'number') return stored;
    throw new TypeError('it has no version');
  } catch (error) {
    throw new DataFolderError(`${path} cannot be read: ${remedy}`, { cause: error });
  }
}
