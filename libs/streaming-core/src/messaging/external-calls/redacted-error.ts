/** A class or a code, and no sentence. */
const word = /^[\w.:-]{1,60}$/;
const statusFields = ['status', 'statusCode', 'responseCode'] as const;

/**
 * Returns an error with the class, code, status and stack frames of another one, and without its
 * text and causes: an outside system that refuses a request about a person may repeat what it was
 * sent.
 */
export function redactedError(error: unknown): Error {
  const { name, code, stack = '', message, ...fields } = partsOf(error);
  const kind = isWord(name) ? name : 'Error';
  const statuses = statusFields.map((field) => fields[field]).filter((status) => typeof status === 'number');
  const told = [kind, ...[code].filter(isWord), ...statuses].join(' ');
  const failure = new Error(`the outside system failed: ${told} (its text is not kept)`);
  failure.name = kind;
  failure.stack = `${kind}: ${failure.message}${framesIn(stack, message)}`;
  return isWord(code) ? Object.assign(failure, { code }) : failure;
}

interface Parts extends Partial<Record<(typeof statusFields)[number], unknown>> {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message: string;
  readonly stack?: string | undefined;
}

const partsOf = (error: unknown): Parts => {
  if (!(error instanceof Error)) return { message: '' };
  const { name, message, stack } = error;
  return { ...(error as object), name, message, stack };
};

const isWord = (value: unknown): value is string => typeof value === 'string' && word.test(value);

/** The text may look like a frame, and the class may repeat it, so the frames are what follows both. */
function framesIn(stack: string, message: string): string {
  const text = message === '' ? 0 : stack.lastIndexOf(message);
  if (text < 0) return '';
  return stack
    .slice(text + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `\n${line}`)
    .join('');
}
