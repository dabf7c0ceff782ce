const newline = 0x0a;
const carriageReturn = 0x0d;

/** A longer line is cut to its first bytes, and says how long it was. A record has at most 1 MB. */
export const lineBytesMax = 64 * 1024;

/**
 * Splits a stream of bytes into lines, whatever the chunks in which they arrive. Memory is bounded:
 * of a line over the limit, only the first bytes are kept. Leaves out empty lines.
 */
export class LineSplitter {
  #kept: Buffer[] = [];
  #unfinishedBytes = 0;

  /** The bytes after the last line that has ended. */
  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  /**
   * Returns the lines that end in the chunk, without their ends. They share its memory, so use them
   * before the chunk is overwritten.
   */
  push(chunk: Buffer): readonly Buffer[] {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(...this.end());
      start = end + 1;
    }
    this.#keep(Buffer.from(chunk.subarray(start)));
    return lines;
  }

  /** Returns what has come since the last line as a line, at the end of the stream. */
  end(): readonly Buffer[] {
    const length = this.#unfinishedBytes;
    const kept = this.#kept;
    this.#kept = [];
    this.#unfinishedBytes = 0;
    if (length > lineBytesMax) return [Buffer.concat([...kept, Buffer.from(` [cut: ${length} bytes]`)])];
    const line = kept.length === 1 ? kept[0]! : Buffer.concat(kept);
    const text = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
    return text.length === 0 ? [] : [text];
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    const room = lineBytesMax - this.#unfinishedBytes;
    if (room > 0) this.#kept.push(part.subarray(0, room));
    this.#unfinishedBytes += part.length;
  }
}
