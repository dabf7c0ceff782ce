/** Somebody else's system: a relay that takes mail, or refuses it for good. Errors are temporary. */
export interface Mailer {
  /** `messageId` is stable: a relay that knows it may drop the repetition; SMTP itself gives at-least-once. */
  send(mail: {
    readonly messageId: string;
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<'sent' | 'refused_by_relay'>;
  close(): void;
}

export const MAILER = Symbol('Mailer');
