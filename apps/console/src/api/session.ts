/** Who uses the page, and what the console lets it do. */
export interface Session {
  /** The name under which acts are recorded unless the page gives another one. */
  readonly actor: string;
  readonly readOnly: boolean;
}
