const long = new Set<string>();

/**
 * Declares a statement that lifts `transaction_timeout` and may take minutes, so that a driver does
 * not mistake its silence for a lost connection. Returns the statement.
 */
export function mayTakeLong(text: string): string {
  long.add(text);
  return text;
}

export const takesLong = (text: string): boolean => long.has(text);
