const causesMax = 5;

/** An error as a log line may show it: name, code, message, stack and causes. Drivers hang statements, parameters and rows on their errors; those stay out. */
export function describeError(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: error.message,
    ...(depth === 0 ? { stack: error.stack } : {}),
    ...(error.cause !== undefined && depth < causesMax
      ? { cause: describeError(error.cause, depth + 1) }
      : {}),
  };
}
