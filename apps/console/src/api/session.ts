/** The user of the page, and what the console allows. */
export interface Session {
  /** The name under which acts are recorded unless the page gives another one. */
  readonly actor: string;
  readonly readOnly: boolean;
  /** Whether the page `Faults` can be used. */
  readonly faults: boolean;
}
