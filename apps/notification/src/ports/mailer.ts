/** An external mail relay, which accepts a mail or refuses it permanently. Errors are temporary. */
export interface Mailer {
  /**
   * Sends a mail at least once. `messageId` is stable, so a relay that knows it may drop a
   * repetition.
   */
  send(mail: {
    readonly messageId: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<'sent' | 'refused_by_relay'>;
  close(): void;
}
