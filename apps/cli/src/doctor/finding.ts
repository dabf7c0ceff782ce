/** The result of one check. A problem keeps the system from starting or working; a warning does not. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** Tells the operator how to mend it. Absent if the result is `ok`. */
  readonly remedy?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, result: 'ok', detail });

export const problem = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'problem',
  detail,
  remedy,
});

export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'warning',
  detail,
  remedy,
});
