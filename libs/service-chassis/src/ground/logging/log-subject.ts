/**
 * The field that a service's log lines carry, such as the id of a case. Its value comes from the
 * current message, or from the path of the request. A service declares it once, where it starts.
 */
export type LogSubject = string | undefined;

/**
 * Returns the subject's name and value for the request context, or nothing if `source` does not
 * have it.
 */
export function subjectOf(
  subject: LogSubject,
  source: Readonly<Record<string, unknown>>,
): { readonly logFields?: Readonly<Record<string, string>> } {
  if (subject === undefined) return {};
  const value = source[subject];
  return typeof value === 'string' ? { logFields: { [subject]: value } } : {};
}
