/**
 * The field that a service's log lines carry, such as the id of a case: of the message that is being
 * handled, or of the path of the request. A service declares it once, where it starts.
 */
export type LogSubject = string | undefined;

/** The subject's name and value, for the request context; nothing where `source` does not have it. */
export function subjectOf(
  subject: LogSubject,
  source: Readonly<Record<string, unknown>>,
): { readonly logFields?: Readonly<Record<string, string>> } {
  if (subject === undefined) return {};
  const value = source[subject];
  return typeof value === 'string' ? { logFields: { [subject]: value } } : {};
}
