import { describe, expect, it } from '@jest/globals';
import { mailFileName, messageIdOf } from './mail-file.ts';

const mail = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

describe('the Message-ID of a mail', () => {
  it.each([
    ['in its usual form', mail('From: a', 'Message-ID: <one@x>', '', 'body')],
    ['in any case', mail('message-id:<one@x>', '', '')],
    ['folded onto the next line', mail('Message-ID:', ' <one@x>', '', '')],
    ['in a mail without a body', mail('Message-ID: <one@x>')],
  ])('is found %s', (_case, text) => {
    expect(messageIdOf(text)).toBe('one@x');
  });

  it('is not looked for in the body', () => {
    expect(messageIdOf(mail('From: a', '', 'Message-ID: <one@x>'))).toBeUndefined();
  });
});

describe('the file of a mail', () => {
  it('is named after a plain Message-ID', () => {
    expect(mailFileName('order-completed.1234-abcd@millrace.invalid')).toBe(
      'order-completed.1234-abcd@millrace.invalid.eml',
    );
  });

  it.each([
    ['a/../b@x', 'a_.._b@x'],
    ['.hidden@x', '_hidden@x'],
    ['ä@x', '_@x'],
    ['x'.repeat(500), 'x'.repeat(120)],
  ])('stays in its folder for %s', (id, start) => {
    expect(mailFileName(id)).toMatch(/^[A-Za-z0-9@_][A-Za-z0-9.@_-]*\.eml$/);
    expect(mailFileName(id).startsWith(`${start}-`)).toBe(true);
  });

  it('differs for different ids, even if both have to be changed', () => {
    expect(
      new Set(['a/b@x', 'a b@x', 'a_b@x', `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`].map(mailFileName))
        .size,
    ).toBe(5);
  });
});
