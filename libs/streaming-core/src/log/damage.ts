/** Bytes that were on disk for certain are not what they were. The partition goes offline; nothing is cut or skipped. */
export class LogDamage extends Error {
  override readonly name = 'LogDamage';
}
