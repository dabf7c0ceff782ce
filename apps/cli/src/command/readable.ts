import { InvalidInput } from '@millrace/operations/client';

/** What Node writes for bytes of a command line that are not UTF-8. */
const notUtf8 = '\ufffd';
const obeyed = /[\p{Cc}\p{Bidi_Control}]/u;
const obeyedButSpaces = /(?![\n\r\t])[\p{Cc}\p{Bidi_Control}]/u;

interface Readable {
  /** The argument or option, as the help names it. */
  readonly name: string;
  /** Whether it may have several lines. */
  readonly multiline: boolean;
}

/**
 * Refuses a name, an id or a reason with characters that nobody can see or type again, or that were
 * not read correctly. Throws `InvalidInput` that names the argument.
 */
export function refuseUnreadable({ name, multiline }: Readable, text: string): void {
  if (text.includes(notUtf8))
    throw new InvalidInput(`${name} is not valid UTF-8: give it in UTF-8, and without the character U+FFFD`);
  const found = (multiline ? obeyedButSpaces : obeyed).exec(text);
  if (found === null) return;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw new InvalidInput(
    `${name} contains the control character U+${code} after ${found.index} characters: leave it out`,
  );
}
