import { describe, expect, it } from 'vitest';
import { balanceText } from '../../../src/extension/amounts.ts';
import { ERROR_STATUSES, type ErrorCode } from '../../../src/protocol/codes.ts';
import { undoneText } from '../../../src/ui/undone.ts';
import { agoText, durationText, keepText, reasonText } from '../../../src/ui/words.ts';
import { speakEnglish } from '../../support/speak.ts';

speakEnglish();

describe('what is kept, and for how long', () => {
  it.each([
    [365 * 86_400, 'a year'],
    [730 * 86_400, '2 years'],
    [86_400, 'a day'],
    [30 * 86_400, '30 days'],
    [3600, 'an hour'],
    [600, '10 minutes'],
    [90, '90 seconds'],
  ])('%s seconds → %s', (durationSec, words) => {
    expect(durationText(durationSec)).toBe(words);
  });

  it('says when there is no undo, and when nothing is kept', () => {
    expect(keepText(86_400, 0)).toBe('Reopen it for a day · no undo here');
    expect(keepText(0, 600)).toBe('Used up at once · undo within 10 minutes');
  });
});

it('what somebody has is never rounded up', () => {
  expect(balanceText('4319999', 'USD')).toBe('$4.31');
  expect(balanceText('29999', 'USD')).toBe('2¾¢');
});

it('payments are dated by minutes, then hours, then the day', () => {
  const now = Date.parse('2026-03-04T12:00:00');
  expect(agoText(now - 30_000, now)).toBe('just now');
  expect(agoText(now - 5 * 60_000, now)).toBe('5 min ago');
  expect(agoText(now - 3 * 3_600_000, now)).toBe('3 h ago');
  expect(agoText(now - 50 * 3_600_000, now)).toBe('Mar 2');
});

it('every refusal has one plain sentence without our own jargon', () => {
  for (const code of Object.keys(ERROR_STATUSES) as ErrorCode[]) {
    const sentence = reasonText(code);
    expect(sentence, code).toMatch(/^[A-Z].*\.$/);
    expect(sentence, code).not.toMatch(/voucher|micros|purse|certificate|jws|payto/i);
  }
});

it.each([
  ['back', undefined, 'Undone'],
  ['granted', undefined, 'Undone, on its way back'],
  ['granted', 2, 'Undone, back by Friday'],
  ['granted', 11, 'Undone, back by Dec 6'],
  ['granted', -1, 'Undone, on its way back'],
] as const)('%s, to be back in %s days: %s', (undo, days, said) => {
  const nowMs = new Date(2026, 10, 25, 12).getTime();
  const backByMs = days === undefined ? undefined : nowMs + days * 86_400_000;
  expect(undoneText({ undo, backByMs }, nowMs)).toBe(said);
});
